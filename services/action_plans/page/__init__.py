"""The shared plan as a page for the customer: opened by a link, on a port of its own, signed by a mailed code."""
