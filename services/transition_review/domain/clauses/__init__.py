"""When a contract may lawfully end: cancellation clauses as data, the earliest end, and how it is derived."""
