"""Who asks for a command is proved by a short-lived token, signed with Ed25519 and bound to the command's body.

Judged at the time when Kafka appended the command, so that a command which waits in the topic does not go stale.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

HEADER = "actor_token"
LIFE = timedelta(minutes=5)
LEEWAY = timedelta(seconds=30)


class NotProved(Exception):
    """The command does not prove who asks; the text says why, without the token."""


def sign(key: Ed25519PrivateKey, key_id: str, *, person: str, command_id: str, body: bytes, at: datetime) -> str:
    """Return a token that says that `person` asks for exactly this command; good for 5 minutes from `at`."""
    claims = {
        "sub": person,
        "jti": command_id,
        "body": hashlib.sha256(body).hexdigest(),
        "iat": int(at.timestamp()),
        "exp": int((at + LIFE).timestamp()),
    }
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": key_id})


def verify(
    token: str, keys: Mapping[str, Ed25519PublicKey], *, command_id: str, body: bytes, appended_at: datetime
) -> str:
    """Return the person who asks; NotProved if the token is not good for this command at that time."""
    try:
        key = keys.get(str(jwt.get_unverified_header(token).get("kid")))
        if key is None:
            raise NotProved("the token was signed with a key that is not known here")
        claims = jwt.decode(
            token,
            key,
            algorithms=["EdDSA"],
            options={"require": ["sub", "jti", "body", "iat", "exp"], "verify_exp": False, "verify_iat": False},
        )
    except jwt.PyJWTError:
        raise NotProved("the token is not one of ours") from None
    if claims["jti"] != command_id or claims["body"] != hashlib.sha256(body).hexdigest():
        raise NotProved("the token was made for another command")
    try:
        issued, expires = (datetime.fromtimestamp(int(claims[name]), UTC) for name in ("iat", "exp"))
    except (TypeError, ValueError, OverflowError, OSError):
        raise NotProved("the token's times are none") from None
    if expires - issued > LIFE or not issued - LEEWAY <= appended_at <= expires + LEEWAY:
        raise NotProved("the token was not valid when the command arrived; ask again")
    return str(claims["sub"])
