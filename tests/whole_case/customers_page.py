"""What the customer does: opens its page by its link, has a code mailed, and signs with it."""

import re
from html import unescape
from http import HTTPStatus
from typing import Any

import httpx

from tests.deployment import until
from tests.whole_case.office import Office

FROM_HERE = {"sec-fetch-site": "same-origin", "origin": "null"}
NO_CODE = "No code is good any more"
WRONG_CODE = "That is not the code in the mail"
SIGNED = "You have signed this version"


async def customer_signs(office: Office, contact: str) -> None:
    """Sign the version that waits on the page: not without a code, and not with another one than was mailed."""
    link = await office.type("link", office.customer, "--as", "ana", "--contact", contact)
    async with httpx.AsyncClient(trust_env=False, follow_redirects=True, headers=FROM_HERE) as http:
        assert (await http.get(f"{link['url']}x")).status_code == HTTPStatus.NOT_FOUND, "another link opens nothing"
        page = (await http.get(link["url"])).text
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="(\w*)">', page))

        async def sign(code: str, *, says: str, status: HTTPStatus) -> None:
            answer = await http.post(f"{link['url']}/sign", data={**fields, "code": code})
            (notice,) = re.findall(r'<div class="notice[^>]*>\s*<p>(.*?)</p>', unescape(answer.text))
            assert (answer.status_code, says in notice) == (status, True), notice

        await sign("000000", says=NO_CODE, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        await http.post(f"{link['url']}/code", data=fields)
        code = await _mailed_code(office, http, contact)
        another = f"{(int(code) + 1) % 1_000_000:06}"
        await sign(another, says=WRONG_CODE, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        assert (await office.case()).plan.agreed is None
        await sign(code, says=SIGNED, status=HTTPStatus.OK)


async def _mailed_code(office: Office, http: httpx.AsyncClient, contact: str) -> str:
    """Wait for the mail in the catcher; returns the code in it."""
    mails = f"{office.found.mail_web}/api/v1"

    async def mailed() -> Any:
        listed = (await http.get(f"{mails}/messages", params={"limit": 100})).json()["messages"]
        return [one["ID"] for one in listed if office.address(contact) in {to["Address"] for to in one["To"]}]

    (mail_id,) = await until(mailed, "the code is in the mail")
    text = (await http.get(f"{mails}/message/{mail_id}")).json()["Text"]
    code = re.search(r"^ +([0-9]{6})\s*$", text, re.MULTILINE)
    assert code is not None, text
    return code[1]
