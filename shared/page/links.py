"""Links that open a page: the token in the address is kept nowhere, its hash is what a service keeps."""

import hashlib
import re
import secrets

TOKEN_BYTES = 32
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # 32 bytes, URL-safe


class Shut(Exception):
    """The link opens nothing: there is none of that token, or it has expired or was revoked. Nobody is told which."""


def new_token() -> str:
    """Return a token that nobody can guess."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def is_token(text: str) -> bool:
    """Tell whether a text can be a token."""
    return _TOKEN.fullmatch(text) is not None


def hash_of(token: str) -> str:
    """Return what a token is kept as."""
    return hashlib.sha256(token.encode()).hexdigest()
