"""The words that the services and the outside world exchange: event types, topics, and their rules of form."""
