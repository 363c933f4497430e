"""Caught mails, one `.eml` file each, read as Mailpit's API shows them."""

import re
import secrets
import time
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

_ID = re.compile(r"[0-9a-f]{32}")
_SNIPPET = 250


class MailStore:
    """The mails of one folder, newest first. Safe for the threads of one process."""

    def __init__(self, folder: Path) -> None:
        """Takes the folder with whatever mails it holds."""
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def keep(self, content: bytes) -> str:
        """Stores a mail as it came in; returns its id, which says when that was."""
        mail_id = f"{time.time_ns():016x}{secrets.token_hex(8)}"
        new = self.folder / f"{mail_id}.new"
        new.write_bytes(content)
        new.rename(self._path(mail_id))
        return mail_id

    def ids(self) -> list[str]:
        """The ids of all mails."""
        return sorted((path.stem for path in self.folder.glob("*.eml")), reverse=True)

    def details(self, mail_id: str) -> dict[str, Any] | None:
        """A whole mail, as Mailpit's `GET /api/v1/message/{ID}`; None if there is no such mail."""
        if not _ID.fullmatch(mail_id) or not (path := self._path(mail_id)).exists():
            return None
        content = path.read_bytes()
        mail = message_from_bytes(content, policy=policy.default)
        received = _time_of(mail_id)
        senders = _addresses(mail, "From")
        return {
            "ID": mail_id,
            "MessageID": str(mail.get("Message-ID", "")).strip().strip("<>"),
            "From": senders[0] if senders else None,
            "To": _addresses(mail, "To"),
            "Cc": _addresses(mail, "Cc"),
            "Bcc": _addresses(mail, "Bcc"),
            "ReplyTo": _addresses(mail, "Reply-To"),
            "Subject": str(mail.get("Subject", "")),
            "Created": received,
            "Date": _date(mail) or received,
            "Size": len(content),
            "Attachments": [_attachment(part) for part in mail.iter_attachments()],
            "Text": _body(mail, "plain"),
            "HTML": _body(mail, "html"),
        }

    def summary(self, mail_id: str) -> dict[str, Any] | None:
        """A mail as it is listed: without its bodies, with the start of its text."""
        mail = self.details(mail_id)
        if mail is None:
            return None
        text = mail.pop("Text")
        del mail["HTML"]
        return mail | {"Attachments": len(mail["Attachments"]), "Snippet": " ".join(text.split())[:_SNIPPET]}

    def delete(self, mail_ids: list[str] | None = None) -> None:
        """Removes these mails, or all of them."""
        for mail_id in self.ids() if mail_ids is None else mail_ids:
            if _ID.fullmatch(mail_id):
                self._path(mail_id).unlink(missing_ok=True)

    def _path(self, mail_id: str) -> Path:
        return self.folder / f"{mail_id}.eml"


def _time_of(mail_id: str) -> str:
    return datetime.fromtimestamp(int(mail_id[:16], 16) / 1e9, UTC).isoformat()


def _date(mail: EmailMessage) -> str | None:
    try:
        return parsedate_to_datetime(str(mail["Date"])).isoformat()
    except ValueError:
        return None


def _addresses(mail: EmailMessage, header: str) -> list[dict[str, str]]:
    found: list[Address] = [address for value in mail.get_all(header, []) for address in value.addresses]
    return [{"Name": address.display_name, "Address": address.addr_spec} for address in found]


def _attachment(part: EmailMessage) -> dict[str, str]:
    return {"FileName": part.get_filename() or "unnamed", "ContentType": part.get_content_type()}


def _body(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    if body is None:
        return ""
    try:
        return str(body.get_content())
    except LookupError:  # an unknown character set
        return str(body.get_payload())
