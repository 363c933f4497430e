"""action_plans: opens a case when a relationship is at risk, and keeps the record of what both sides do to save it."""
