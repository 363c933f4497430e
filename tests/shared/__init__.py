"""Tests of the shared machinery, on real Kafka and Postgres."""
