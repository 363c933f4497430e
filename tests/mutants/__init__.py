"""One small patch per promise that breaks it, and a runner that requires the named test to fail."""
