"""Somebody at the identity provider's own pages, without drawing them."""

import re
from urllib.parse import urljoin

import httpx

_FORM = re.compile(r'<form[^>]*? action="([^"]+)"')
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]+)"')
_STEPS = 20  # far more than a login takes


class Visitor:
    """A browser at the provider; it stays logged in there."""

    def __init__(self) -> None:
        """Nobody is logged in yet."""
        self.asked: list[str] = []  # what the provider's pages asked for, in order: login, consent

    async def __aenter__(self) -> "Visitor":
        """Open the browser."""
        self._http = await httpx.AsyncClient(trust_env=False).__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close it."""
        await self._http.aclose()

    async def log_in(self, address: str, login: str, *, back_to: str) -> str:
        """Say who one is, and agree to what is asked; returns the address below `back_to` that it leads back to."""
        answer = await self._http.get(address)
        for _ in range(_STEPS):
            if not answer.is_redirect:
                answer = await self._fill_in(answer, login)
                continue
            to = urljoin(str(answer.url), answer.headers["location"])
            if to.startswith(back_to):
                return to
            answer = await self._http.get(to)
        raise AssertionError(f"the provider never leads back; it ends at {answer.url}")

    async def call_off(self, address: str, *, back_to: str) -> str:
        """Go back without having said who one is; returns where to."""
        page = await self._http.get(address, follow_redirects=True)
        answer = await self._http.get(f"{page.url}/abort")
        while not (to := urljoin(str(answer.url), answer.headers["location"])).startswith(back_to):
            answer = await self._http.get(to)
        return to

    async def _fill_in(self, page: httpx.Response, login: str) -> httpx.Response:
        form = _FORM.search(page.text)
        if form is None:
            raise AssertionError(f"the provider asks for nothing: {page.status_code} {page.text}")
        fields = dict(_HIDDEN.findall(page.text))
        self.asked.append(fields.get("prompt", ""))
        return await self._http.post(form[1], data={**fields, "login": login, "password": "any"})
