"""All SQL of the console: what the projection writes, and what people read."""
