"""A parcel as a mail: text and HTML that say the same, files, and headers that nothing from outside can add to."""

import hashlib
import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from textwrap import TextWrapper

from services.notifications.domain.parcel import Attachment, Parcel
from services.notifications.domain.plain import one_line

OURS = "Amicable"
MAY_BE_ASKED_FOR = frozenset({"From", "List-Unsubscribe", "List-Unsubscribe-Post"})
WIDTH = 76

_MESSAGE_ID = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
_ADDRESS = re.compile(r"[^@\s<>,;:\"()\[\]\\\x00-\x1f\x7f-\x9f]+@[^@\s<>,;:\"()\[\]\\\x00-\x1f\x7f-\x9f]+")


def compose(parcel: Parcel, sender: str) -> EmailMessage:
    """Return the mail; its Message-ID is made of the parcel's key, so that a repeated one can be recognised.

    sender: the address it comes from; parcel.headers["From"]: what the sender is called. Raises ValueError where the
    address is none, or a header is asked for that a message may not choose.
    """
    if not parcel.headers.keys() <= MAY_BE_ASKED_FOR:
        raise ValueError("a header that a message may not choose")
    if not _ADDRESS.fullmatch(parcel.address):
        raise ValueError("not an address")
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = one_line(parcel.subject)
    mail["From"] = _named(parcel.headers.get("From", OURS), sender)
    mail["To"] = _named(parcel.name, parcel.address)
    mail["Date"] = format_datetime(parcel.sent_at)
    mail["Message-ID"] = f"<{_id(parcel.key)}@{sender.partition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    for name in sorted(parcel.headers.keys() - {"From"}):
        mail[name] = one_line(parcel.headers[name], 2_000)
    mail.set_content(wrapped(parcel.text), cte="quoted-printable")
    if parcel.html is not None:
        mail.add_alternative(parcel.html, subtype="html", cte="quoted-printable")
    for attachment in parcel.attachments:
        _attach(mail, attachment)
    return mail


def wrapped(text: str) -> str:
    """Return the text with lines of at most 76 characters where words allow it; items of a list stay indented."""
    return "\n".join(_wrapped(line) for line in text.split("\n"))


def _wrapped(line: str) -> str:
    if len(line) <= WIDTH:
        return line
    indent = line[: len(line) - len(line.lstrip(" "))]
    hanging = f"{indent}  " if line.lstrip(" ").startswith("- ") else indent
    return TextWrapper(
        WIDTH, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False, drop_whitespace=True
    ).fill(line)


def _named(name: str, address: str) -> Address:
    """Return an address with what its owner is called."""
    return Address(one_line(name, 100), addr_spec=_in_ascii(address))


def _in_ascii(address: str) -> str:
    """Return the address with its host as DNS knows it (IDNA); ValueError where there is no such host."""
    local, _, host = address.rpartition("@")
    return f"{local}@{host if host.isascii() else host.encode('idna').decode()}"


def _id(key: str) -> str:
    return key if _MESSAGE_ID.fullmatch(key) and len(key) <= 100 else hashlib.sha256(key.encode()).hexdigest()


def _attach(mail: EmailMessage, attachment: Attachment) -> None:
    kind, *parameters = (part.strip() for part in attachment.media_type.split(";"))
    main, _, sub = kind.partition("/")
    given = {name: value for name, _, value in (one.partition("=") for one in parameters)}
    mail.add_attachment(
        attachment.content, main, sub, filename=one_line(attachment.name, 100), params=given, cte="base64"
    )
