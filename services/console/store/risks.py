"""Which episodes of risk are open to be seen: not those of a relationship that is over, which nobody can save."""

OPEN = """(
    SELECT * FROM risks AS one WHERE is_open AND NOT EXISTS (
        SELECT FROM cases WHERE cases.customer_id = one.customer_id AND cases.state IN ('ended', 'lost')
                            AND cases.closed_at >= one.since))
"""
