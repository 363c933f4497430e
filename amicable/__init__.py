"""The command line and the local runtime: they start, feed and watch the services, and are imported by none of them."""
