"""Links in messages that do one thing for one person: signed, so that nobody else's can be made up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import jwt

LIFE = timedelta(days=60)
SHORTEST_SECRET = 32

Act = Literal["fewer", "take"]


@dataclass(frozen=True)
class Right:
    """What a link lets its person do. fewer: hear less by mail (of: `at_once` or `digest`); take: take `of` in hand.

    made_at: when the link was made, to the second.
    """

    act: Act
    person_id: str
    of: str
    made_at: datetime | None = None


class NotOurs(Exception):
    """The link was not made here, is not complete, is too old, or was taken back."""


class Links:
    """Makes links and reads them."""

    def __init__(self, public_url: str, secrets: Sequence[str]) -> None:
        """public_url: where the page is reached. secrets: known to this service alone; the first signs, links that
        another has signed are good too.
        """
        self._url = public_url.rstrip("/")
        self._secrets = tuple(secrets)

    def to(self, right: Right, now: datetime | None = None) -> str:
        """Return a link."""
        begins = now or datetime.now(UTC)
        claims = {"sub": right.person_id, "act": right.act, "of": right.of, "exp": int((begins + LIFE).timestamp())}
        return f"{self._url}/n/{jwt.encode(claims, self._secrets[0], algorithm='HS256')}"

    def read(self, token: str) -> Right:
        """Return what a link's token lets its person do. Raises NotOurs."""
        claims = self._claims(token)
        if claims["act"] not in ("fewer", "take") or not isinstance(claims["of"], str):
            raise NotOurs
        made_at = datetime.fromtimestamp(claims["exp"], UTC) - LIFE
        return Right(claims["act"], claims["sub"], claims["of"], made_at)

    def _claims(self, token: str) -> dict[str, Any]:
        for secret in self._secrets:
            try:
                claims: dict[str, Any] = jwt.decode(
                    token, secret, algorithms=["HS256"], options={"require": ["sub", "act", "of", "exp"]}
                )
            except jwt.InvalidSignatureError:
                continue
            except jwt.PyJWTError:
                raise NotOurs from None
            return claims
        raise NotOurs


def read_secrets(text: str) -> tuple[str, ...]:
    """Read one secret, or two with a comma while they are exchanged. Raises ValueError."""
    secrets = tuple(one.strip() for one in text.split(","))
    if not 1 <= len(secrets) <= 2 or any(len(one) < SHORTEST_SECRET for one in secrets):
        raise ValueError(
            f"must have at least {SHORTEST_SECRET} characters, none of them a comma; or be two such, with a comma, "
            "while they are exchanged"
        )
    return secrets
