"""What the customer does after the announcement: opens its transition plan by the link that was mailed."""

import re
from html import unescape

import httpx

from tests.whole_case.office import Office


async def link_of(office: Office, contact: str) -> str:
    """Return the link in the mail that a contact got last."""
    (latest, *_) = [one for one in await office.mails(contact) if one["Subject"].startswith("Your transition plan")]
    async with httpx.AsyncClient(trust_env=False) as http:
        mail = (await http.get(f"{office.found.mail_web}/api/v1/message/{latest['ID']}")).json()
    found = re.search(r"http://\S+/p/[\w-]{43}", mail["Text"])
    assert found is not None, mail["Text"]
    return found[0]


async def opened(url: str) -> tuple[int, str]:
    """Open a link; returns the status, and what a person reads."""
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.get(url)
    return answer.status_code, re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", answer.text)))
