"""The pages of the console: server-rendered, for whoever is logged in, showing what Postgres lets them see."""
