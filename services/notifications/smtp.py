"""The mail channel: hands one message to the SMTP server, and says what became of it."""

from email.message import EmailMessage
from typing import Protocol

import aiosmtplib


class Permanent(Exception):
    """The server refused the message for good; the text is its answer without personal data."""


class Transient(Exception):
    """The message may be taken later; the text says why it was not now."""


class Channel(Protocol):
    """Something that hands a message over."""

    async def send(self, mail: EmailMessage) -> None:
        """Hand the message over. Raises Permanent or Transient."""


class Smtp:
    """An SMTP server, one connection per message."""

    def __init__(self, host: str, port: int, *, tls: bool, user: str | None, password: str | None) -> None:
        """Nothing is connected before the first message."""
        self._host = host
        self._port = port
        self._tls = tls
        self._user = user
        self._password = password

    async def send(self, mail: EmailMessage) -> None:
        """Hand the message over. Raises Permanent or Transient."""
        try:
            await aiosmtplib.send(
                mail,
                hostname=self._host,
                port=self._port,
                start_tls=self._tls,
                username=self._user,
                password=self._password,
                timeout=15,
            )
        except aiosmtplib.SMTPRecipientsRefused as refused:
            codes = {recipient.code for recipient in refused.recipients}
            raise _by_code(min(codes, default=450)) from None
        except aiosmtplib.SMTPAuthenticationError as error:  # our settings are wrong, not the message
            raise Transient(f"the server does not let us in ({error.code})") from None
        except aiosmtplib.SMTPResponseException as error:
            raise _by_code(error.code) from None
        except ValueError:  # our contract takes more addresses than SMTP does, such as ana@example.org.
            raise Permanent("the address is none that mail can be sent to") from None
        except aiosmtplib.SMTPNotSupported:  # its settings or ours can be mended
            raise Transient("the server lacks what is needed: STARTTLS, or addresses in UTF-8") from None
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise Transient(f"the server does not answer ({type(error).__name__})") from None


def _by_code(code: int) -> Permanent | Transient:
    if 500 <= code < 600:
        return Permanent(f"the server refused it ({code})")
    return Transient(f"the server put it off ({code})")
