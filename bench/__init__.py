"""How fast it is, measured beside others: the same job, the same Kafka and Postgres, in one run (`make bench`)."""
