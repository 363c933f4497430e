"""What is believed of an ID token, and of what a provider says of itself."""

import base64
import hmac
import json
import time
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from services.console.oidc import NotProved, Provider

ISSUER, NONCE = "https://id.example.com", "once"
KEY = RSAKey.generate_key(2048, {"kid": "theirs"})
STRANGE = RSAKey.generate_key(2048, {"kid": "theirs"})
KEYS = KeySet([RSAKey.import_key(KEY.as_dict(private=False))])
ADDRESSES = ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint")
LONG_AGO = 1_600_000_000  # 2020; of now would be another name of its test in each worker
GOOD = {"iss": ISSUER, "aud": "console", "sub": "ana", "nonce": NONCE}


def provider() -> Provider:
    """Return a provider that nobody asks anything."""
    return Provider(ISSUER, "console", "secret", "https://amicable.example.com/login/callback")


def claims(**changes: Any) -> dict[str, Any]:
    """Return claims of a good token, with what is changed; what is None is left out."""
    now = int(time.time())
    return {
        name: value for name, value in {**GOOD, "iat": now, "exp": now + 60, **changes}.items() if value is not None
    }


def signed(key: Any = KEY, algorithm: str = "RS256", **changes: Any) -> str:
    """Return a token."""
    return jwt.encode({"alg": algorithm, "kid": "theirs"}, claims(**changes), key, algorithms=[algorithm])


@pytest.mark.parametrize("changes", [{}, {"aud": ["console"]}, {"aud": ["console", "payroll"], "azp": "console"}])
def test_token_that_is_right_is_believed(changes: dict[str, Any]) -> None:
    assert provider()._checked(signed(**changes), KEYS, NONCE)["sub"] == "ana"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://other.example.com"},
        {"aud": "payroll"},
        {"aud": ["payroll"]},
        {"aud": ["console", "payroll"]},
        {"aud": ["console", "payroll"], "azp": "payroll"},
        {"azp": "payroll"},
        {"nonce": "another"},
        {"nonce": None},
        {"sub": None},
        {"exp": LONG_AGO},
        {"exp": None},
        {"iat": None},
    ],
    ids=str,
)
def test_token_that_says_something_else_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(NotProved):
        provider()._checked(signed(**changes), KEYS, NONCE)


def test_token_that_anybody_could_have_made_is_refused() -> None:
    """Signed with nothing, with another key, or with the public key as if it were a secret."""
    unsigned, public = by_hand("none"), KEY.as_pem(private=False)
    for token in (unsigned, by_hand("HS256", public), signed(STRANGE), signed().rpartition(".")[0] + ".", "", "a.b.c"):
        with pytest.raises(NotProved):
            provider()._checked(token, KEYS, NONCE)


def by_hand(algorithm: str, secret: bytes = b"") -> str:
    """Return a token that no library would make."""
    parts = [_encoded(json.dumps(part).encode()) for part in ({"alg": algorithm, "kid": "theirs"}, claims())]
    signature = hmac.digest(secret, ".".join(parts).encode(), "sha256") if secret else b""
    return ".".join([*parts, _encoded(signature)])


def _encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def answering(monkeypatch: pytest.MonkeyPatch, token: str, userinfo: dict[str, Any]) -> Provider:
    """Return a provider that gives this ID token, and says this at its userinfo."""

    async def answer(_self: Provider, _method: str, url: str, **_: Any) -> dict[str, Any]:
        answers: dict[str, dict[str, Any]] = {
            "openid-configuration": {"issuer": ISSUER, **{name: f"{ISSUER}/{name}" for name in ADDRESSES}},
            "token_endpoint": {"id_token": token, "access_token": "a"},
            "jwks_uri": dict(KEYS.as_dict()),
            "userinfo_endpoint": userinfo,
        }
        return answers[url.rsplit("/", 1)[1]]

    monkeypatch.setattr(Provider, "_ask", answer)
    return provider()


async def test_more_about_somebody_else_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ID token says who it is; what userinfo adds must be of the same account."""
    asked = answering(monkeypatch, signed(), {"sub": "ben", "email": "ben@example.com", "email_verified": True})
    with pytest.raises(NotProved, match="somebody else"):
        await asked.claims("code", nonce=NONCE, verifier="v", wanted="email")


@pytest.mark.parametrize(
    ("in_token", "at_userinfo", "said"),
    [
        ({"email": "a@x.example"}, {"email": "a@x.example", "email_verified": True}, ("a@x.example", True)),
        ({"email_verified": True}, {"email": "b@x.example"}, ("b@x.example", None)),
        ({"email": "a@x.example", "email_verified": True}, {"email": "b@x.example"}, ("a@x.example", True)),
    ],
    ids=["verified there", "verified of another place", "both in the token"],
)
async def test_mail_address_and_that_it_is_verified_come_from_the_same_place(
    monkeypatch: pytest.MonkeyPatch, in_token: dict[str, Any], at_userinfo: dict[str, Any], said: tuple[str, Any]
) -> None:
    asked = answering(monkeypatch, signed(**in_token), {"sub": "ana", **at_userinfo})
    found = await asked.claims("code", nonce=NONCE, verifier="v", wanted="email")
    assert (found.get("email"), found.get("email_verified")) == said


@pytest.mark.parametrize("name", ADDRESSES)
async def test_provider_that_is_reached_without_tls_is_not_used(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def answer(*_: Any, **__: Any) -> dict[str, Any]:
        return {"issuer": ISSUER, **{each: f"{ISSUER}/{each}" for each in ADDRESSES}, name: "http://id.example.com/"}

    monkeypatch.setattr(Provider, "_ask", answer)
    with pytest.raises(NotProved, match=name):
        await provider().way_in(state="s", nonce=NONCE, verifier="v")
