"""The local runtime: what it starts is real, and so is what kills it here."""
