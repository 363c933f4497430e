"""What every service needs to speak with the others: contracts, messaging, the outbox, the clock. No business rules."""
