"""The mails that really went out, as the mail catcher has them (Mailpit's API)."""

from dataclasses import dataclass

import httpx
from pydantic import BaseModel, Field, ValidationError

from amicable.problems import no_answer

_PAGE = 100


@dataclass(frozen=True)
class Mail:
    """A mail that was caught; `message_id` without its angle brackets."""

    message_id: str
    to: tuple[str, ...]
    subject: str


class _Address(BaseModel):
    address: str = Field(alias="Address")


class _Summary(BaseModel):
    message_id: str = Field(alias="MessageID")
    to: list[_Address] | None = Field(alias="To")
    subject: str = Field(alias="Subject")


class _Page(BaseModel):
    total: int
    messages: list[_Summary]


async def caught(url: str) -> list[Mail]:
    """Return every mail in the catcher, the newest first. Raises Problem where it does not answer as one."""
    mails: list[Mail] = []
    try:
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=10) as http:
            while True:
                answer = await http.get("/api/v1/messages", params={"start": len(mails), "limit": _PAGE})
                page = _Page.model_validate_json(answer.raise_for_status().content)
                mails += [
                    Mail(one.message_id, tuple(to.address for to in one.to or ()), one.subject) for one in page.messages
                ]
                if not page.messages or len(mails) >= page.total:
                    return mails
    except (httpx.HTTPError, httpx.InvalidURL, ValidationError) as error:
        raise no_answer("The mail catcher", url, error) from None
