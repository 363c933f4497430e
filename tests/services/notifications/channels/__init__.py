"""Channels, on real sockets."""
