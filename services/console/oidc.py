"""OpenID Connect: who somebody is, as an identity provider says it (authorization code with PKCE and nonce)."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
OPTIONAL = frozenset({"userinfo_endpoint"})
TIMEOUT_SECONDS = 10.0
KEPT_SECONDS = 3600.0  # the provider's addresses and keys
LEEWAY_SECONDS = 60
MOST_BYTES = 1_000_000
TOGETHER = {"email": frozenset({"email", "email_verified"})}
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class NotProved(Exception):
    """The provider did not say who it is; the text is one sentence for a log, without anything secret."""


@dataclass
class Provider:
    """An identity provider, and who we are there. returns_to: our address that it leads back to."""

    issuer: str
    client_id: str
    client_secret: str
    returns_to: str
    _found: dict[str, Any] = field(default_factory=dict)
    _found_at: float = float("-inf")
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def way_in(self, *, state: str, nonce: str, verifier: str, anew: bool = False) -> str:
        """Return the address at the provider to begin at. Raises NotProved.

        anew: the provider asks who one is, though it may know somebody already.
        """
        addresses = await self._addresses()
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.returns_to,
            "scope": "openid email profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
            **({"prompt": "login"} if anew else {}),
        }
        separator = "&" if "?" in addresses["authorization_endpoint"] else "?"
        return f"{addresses['authorization_endpoint']}{separator}{urlencode(query)}"

    async def claims(self, code: str, *, nonce: str, verifier: str, wanted: str) -> dict[str, Any]:
        """Return what the provider says of whoever came back with this code. Raises NotProved.

        wanted: a claim that is asked for at the provider's userinfo where the ID token does not have it: of a code's
        exchange, mail address and names are there (OpenID Connect Core 1.0, section 5.4). A mail address and whether it
        is verified are taken from the same place.
        """
        told = await self._exchange(code, verifier)
        claims = await self._in_token(told, nonce)
        more = (await self._addresses()).get("userinfo_endpoint")
        names = TOGETHER.get(wanted, {wanted})
        if not more or names <= claims.keys():
            return claims
        found = await self._more(more, told, claims["sub"])
        return {name: claims[name] for name in claims.keys() - names} | {
            name: found[name] for name in names & found.keys()
        }

    async def _exchange(self, code: str, verifier: str) -> dict[str, Any]:
        return await self._ask(
            "POST",
            (await self._addresses())["token_endpoint"],
            data={
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": self.returns_to,
                "code_verifier": verifier,
            },
            auth=(quote(self.client_id, safe=""), quote(self.client_secret, safe="")),  # RFC 6749, section 2.3.1
        )

    async def _in_token(self, told: dict[str, Any], nonce: str) -> dict[str, Any]:
        token = told.get("id_token")
        if not isinstance(token, str):
            raise NotProved("the provider gave no ID token")
        found = await self._ask("GET", (await self._addresses())["jwks_uri"])
        return self._checked(token, KeySet.import_key_set(found), nonce)  # type: ignore[arg-type]  # checked there

    async def _more(self, address: str, told: dict[str, Any], sub: Any) -> dict[str, Any]:
        """Return what the provider's userinfo says of the same account."""
        found = await self._ask("GET", address, bearer=str(told.get("access_token", "")))
        if found.get("sub") != sub:
            raise NotProved("the provider's userinfo is of somebody else")
        return found

    def _checked(self, token: str, keys: KeySet, nonce: str) -> dict[str, Any]:
        rules = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.client_id},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            claims: dict[str, Any] = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
            rules.validate(claims)
        except (JoseError, ValueError) as error:
            raise NotProved(f"the ID token is not good ({type(error).__name__})") from None
        party = claims.get("azp")
        if ((isinstance(claims["aud"], list) and len(claims["aud"]) > 1) or party) and party != self.client_id:
            raise NotProved("the ID token was made for somebody else")
        return claims

    async def _addresses(self) -> dict[str, Any]:
        """Return what the provider says of itself, asked once an hour."""
        async with self._lock:
            if time.monotonic() - self._found_at > KEPT_SECONDS:
                found = await self._ask("GET", f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
                if found.get("issuer") != self.issuer:
                    raise NotProved("the provider calls itself something else than the setting says")
                for name in (*NEEDED, *(OPTIONAL & found.keys())):
                    if not is_safe(str(found.get(name, ""))):
                        raise NotProved(f"the provider's {name} is not https")
                self._found, self._found_at = found, time.monotonic()
            return self._found

    async def _ask(self, method: str, url: str, *, bearer: str = "", **more: Any) -> dict[str, Any]:
        headers = {"accept": "application/json", **({"authorization": f"Bearer {bearer}"} if bearer else {})}
        try:
            async with httpx.AsyncClient(
                timeout=TIMEOUT_SECONDS, trust_env=urlsplit(url).hostname not in LOOPBACK
            ) as client:
                answer = await client.request(method, url, headers=headers, **more)
                found = answer.json() if len(answer.content) <= MOST_BYTES else None
        except (httpx.HTTPError, ValueError) as error:
            raise NotProved(f"the provider does not answer ({type(error).__name__})") from None
        if answer.status_code != httpx.codes.OK or not isinstance(found, dict):
            raise NotProved(f"the provider answered {answer.status_code}")
        return found


def is_safe(url: str) -> bool:
    """Tell whether an address is reached over TLS, or on this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
