"""Which episodes of risk are open to be seen: not those of a relationship that is over, which nobody can save.

And which relationships are over.
"""

OPEN = """(
    SELECT * FROM risks AS one WHERE is_open AND NOT EXISTS (
        SELECT FROM cases WHERE cases.customer_id = one.customer_id AND cases.state IN ('ended', 'lost')
                            AND cases.closed_at >= one.since))
"""
# Over: ended or lost, or what was announced of it is completed, and the customer has not begun anew since. Whoever has
# an open case or an open episode all the same is not.
OVER = """(
    SELECT customer_id FROM customers WHERE EXISTS (
        SELECT FROM cases WHERE cases.customer_id = customers.customer_id AND cases.state IN ('ended', 'lost')
                            AND (cases.closed_at AT TIME ZONE 'UTC')::date >= customers.started_on)
    UNION
    SELECT customer_id FROM customers JOIN terminations USING (customer_id)
    WHERE terminations.state = 'completed' AND (terminations.body->>'effective_on')::date >= customers.started_on)
"""
