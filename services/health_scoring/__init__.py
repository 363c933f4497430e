"""health_scoring: keeps what each customer did by day, scores it and says why, and announces risk once per episode."""
