"""Letters: what they say, that they leak and break nothing, and how they look."""
