"""The services, each room by room; what crosses services is in tests/system."""
