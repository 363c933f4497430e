"""The rules of a customer's health: what is known (signals), what it is worth (score), when it is a risk (episode)."""
