"""Real parts on one machine without Docker: Kafka, PostgreSQL, a mail catcher, and the supervisor that runs them."""
