"""The demo: a small company, what happens to its customers, and what the services made of it."""
