"""The services: each consumes Kafka topics, owns one Postgres schema and publishes facts; none imports another."""
