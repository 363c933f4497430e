"""A parcel as a mail: text and HTML that say the same, files, and headers that nothing from outside can add to.

It is put together from the older classes of Python's email package: those that parse each header again take six times
as long. So what goes into a header is made one line here, and what is not ASCII is encoded here.
"""

import hashlib
import re
from email import encoders
from email.charset import QP, Charset
from email.generator import BytesGenerator
from email.header import Header
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import Compat32
from email.utils import format_datetime, formataddr
from io import BytesIO
from textwrap import TextWrapper

from services.notifications.domain.parcel import Attachment, Parcel
from services.notifications.domain.plain import one_line

OURS = "Amicable"
MAY_BE_ASKED_FOR = frozenset({"From", "List-Unsubscribe", "List-Unsubscribe-Post"})
WIDTH = 76
SHORT = 60

_MESSAGE_ID = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
_ATOM, _LABEL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+", "[A-Za-z0-9-]+"
_BREAKS_OUT = re.compile(r"\r|\n(?![ \t])")
_ADDRESS = re.compile(rf"{_ATOM}(\.{_ATOM})*@{_LABEL}(\.{_LABEL})*")
_UTF8 = Charset("utf-8")
_UTF8.body_encoding = QP


class _AsWritten(Compat32):
    """Headers go out as they stand: what needs it is encoded and folded already."""

    def fold_binary(self, name: str, value: str) -> bytes:
        """Return the header's lines. Raises ValueError for one that breaks out of its own."""
        if _BREAKS_OUT.search(value):
            raise ValueError("a header that is more than one")
        return f"{name}: {value}\n".replace("\n", self.linesep).encode("ascii")


_POLICY = _AsWritten(linesep="\r\n", mangle_from_=False)


def flattened(mail: Message) -> bytes:
    """Return the mail as it goes over the wire; what the package does by itself takes twice as long."""
    out = BytesIO()
    BytesGenerator(out, policy=_POLICY).flatten(mail)
    return out.getvalue()


def compose(parcel: Parcel, sender: str) -> Message:
    """Return the mail; its Message-ID is made of the parcel's key, so that a repeated one can be recognised.

    sender: the address it comes from; parcel.headers["From"]: what the sender is called. Raises ValueError where the
    address is none, or a header is asked for that a message may not choose.
    """
    if not parcel.headers.keys() <= MAY_BE_ASKED_FOR:
        raise ValueError("a header that a message may not choose")
    mail = _body(parcel)
    mail["Subject"] = _words("Subject", one_line(parcel.subject))
    mail["From"] = _named("From", parcel.headers.get("From", OURS), sender)
    mail["To"] = _named("To", parcel.name, recipient(parcel))
    mail["Date"] = format_datetime(parcel.sent_at)
    mail["Message-ID"] = f"<{_id(parcel.key)}@{sender.partition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    for name in sorted(parcel.headers.keys() - {"From"}):
        mail[name] = one_line(parcel.headers[name], 2_000).encode("ascii", "replace").decode()
    return mail


def recipient(parcel: Parcel) -> str:
    """Return the address as SMTP takes it, its host as DNS knows it (IDNA); ValueError where it is none."""
    local, _, host = parcel.address.rpartition("@")
    address = f"{local}@{host if host.isascii() else host.encode('idna').decode()}"
    if not _ADDRESS.fullmatch(address):
        raise ValueError("not an address")
    return address


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


def _body(parcel: Parcel) -> Message:
    said: Message = _text(wrapped(parcel.text), "plain")
    if parcel.html is not None:
        both = MIMEMultipart("alternative", _boundary(parcel.key, 1))
        both.attach(said)
        both.attach(_text(parcel.html, "html"))
        said = both
    if not parcel.attachments:
        return said
    everything = MIMEMultipart("mixed", _boundary(parcel.key, 2))
    everything.attach(said)
    for attachment in parcel.attachments:
        everything.attach(_part(attachment))
    return everything


def _boundary(key: str, number: int) -> str:
    """Return what parts are parted by: quoted-printable and base64 have no `=_`, so that no text can hold it.

    Where there is none the package looks for one in the whole mail, which costs as much as the rest.
    """
    return f"=_{number}{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()[:30]}"


def _text(content: str, kind: str) -> Message:
    part = MIMENonMultipart("text", kind)
    part.set_payload(content, _UTF8)
    return part


def _words(header: str, text: str) -> str:
    """Return the line as the header holds it; what is not ASCII, or only looks like an encoded word, is encoded.

    So is what is long: a line that is broken before its first word would begin with a space.
    """
    if text.isascii() and "=?" not in text and len(text) <= SHORT:
        return text
    return Header(text, "utf-8", header_name=header).encode()


def _named(header: str, name: str, address: str) -> str:
    """Return an address with what its owner is called."""
    line = one_line(name, 100)
    encoded = _words(header, line)
    return formataddr((line, address)) if encoded == line else f"{encoded} <{address}>"


def _id(key: str) -> str:
    return (
        key
        if _MESSAGE_ID.fullmatch(key) and len(key) <= 50
        else hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:40]
    )


def _part(attachment: Attachment) -> Message:
    kind, *parameters = (part.strip() for part in attachment.media_type.split(";"))
    main, _, sub = kind.partition("/")
    part = MIMENonMultipart(main, sub)
    for name, _, value in (one.partition("=") for one in parameters):
        part.set_param(name, value)
    part.set_payload(attachment.content)
    encoders.encode_base64(part)
    part.add_header("Content-Disposition", "attachment", filename=one_line(attachment.name, 100))
    return part
