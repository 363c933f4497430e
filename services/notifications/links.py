"""Links in messages that do one thing for one person: signed, so that nobody else's can be made up."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import jwt

LIFE = timedelta(days=60)

Act = Literal["fewer", "take"]


@dataclass(frozen=True)
class Right:
    """What a link lets its person do. fewer: hear less by mail (of: `at_once` or `digest`); take: take `of` in hand."""

    act: Act
    person_id: str
    of: str


class NotOurs(Exception):
    """The link was not made here, is not complete, or is too old."""


class Links:
    """Makes links and reads them."""

    def __init__(self, public_url: str, secret: str) -> None:
        """public_url: where the page is reached. secret: known to this service alone."""
        self._url = public_url.rstrip("/")
        self._secret = secret

    def to(self, right: Right, now: datetime | None = None) -> str:
        """Return a link."""
        begins = now or datetime.now(UTC)
        claims = {"sub": right.person_id, "act": right.act, "of": right.of, "exp": int((begins + LIFE).timestamp())}
        return f"{self._url}/n/{jwt.encode(claims, self._secret, algorithm='HS256')}"

    def read(self, token: str) -> Right:
        """Return what a link's token lets its person do. Raises NotOurs."""
        try:
            claims = jwt.decode(
                token, self._secret, algorithms=["HS256"], options={"require": ["sub", "act", "of", "exp"]}
            )
        except jwt.PyJWTError:
            raise NotOurs from None
        if claims["act"] not in ("fewer", "take") or not isinstance(claims["of"], str):
            raise NotOurs
        return Right(claims["act"], claims["sub"], claims["of"])
