"""The console: what our people see of every customer. It projects the topics, and never asks another service."""
