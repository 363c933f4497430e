"""One-time codes to answer with: six digits for one link and one content, good for 15 minutes, five tries, one use."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from uuid import uuid4

from services.action_plans.store.links import Code

DIGITS = 6
LIFE = timedelta(minutes=15)
PAUSE = timedelta(minutes=1)  # before another one is mailed
ATTEMPTS = 5
A_DAY = 5  # codes for each link
DAY = timedelta(days=1)


def make(token: str, content_hash: str, now: datetime) -> tuple[str, Code]:
    """Return a new code in clear, for the mail, and as it is kept."""
    said = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    code_id = str(uuid4())
    return said, Code(code_id, content_hash, _hash(token, code_id, said), now, now + LIFE)


def fits(code: Code, token: str, said: str) -> bool:
    """Tell whether what was typed is the code."""
    return hmac.compare_digest(code.code_hash, _hash(token, code.code_id, said))


def _hash(token: str, code_id: str, said: str) -> str:
    """The link's token is the key: whoever reads the table has no use of trying a million codes."""
    return hmac.new(token.encode(), f"{code_id}:{said}".encode(), hashlib.sha256).hexdigest()
