"""The customer's transition plan as a page: read only, opened by a link, on a port of its own."""
