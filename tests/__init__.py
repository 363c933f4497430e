"""Tests: they mirror services/, shared/ and amicable/, and run on a real Kafka and a real PostgreSQL."""
