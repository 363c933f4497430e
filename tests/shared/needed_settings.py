"""What a service's settings need beside what every service's need."""

from typing import Any

NEEDED: dict[str, dict[str, Any]] = {
    "console": {"page_port": 0},
    "action_plans": {"signing_seed": "c2lnbnMgZm9yIG5vYm9keSBidXQgdGhlIHRlc3RzIS4=", "page_port": 0},
    "transition_review": {"page_port": 0, "page_origin": "https://ending.test"},
    "notifications": {"smtp_host": "localhost", "smtp_port": 25, "mail_domains": "example.com"},
}
