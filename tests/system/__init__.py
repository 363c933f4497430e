"""The whole system: real processes, from an upstream event to a mail."""
