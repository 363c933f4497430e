"""A real identity provider for tests."""
