"""Writes a notice as a mail: plain text and HTML that say the same; the subject names the customer and nothing else."""

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr, formatdate
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from services.notifications.domain import Notice

_templates = Environment(
    loader=PackageLoader("services.notifications"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def write(notice: Notice, sender: str) -> EmailMessage:
    """Return the mail. Its Message-ID is the notice's, so that a repeated one can be recognised."""
    happened = notice.happened_at.astimezone(ZoneInfo(notice.recipient.time_zone))
    said = {
        "person": notice.recipient.name,
        "customer": notice.customer_name,
        "reasons": notice.reasons,
        "when": f"{happened:%A}, {happened.day} {happened:%B %Y, %H:%M} ({notice.recipient.time_zone})",
    }
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = f"Action needed: {notice.customer_name}"
    mail["From"] = formataddr(("Amicable", sender))
    mail["To"] = formataddr((notice.recipient.name, notice.recipient.email))
    mail["Date"] = formatdate(usegmt=True)
    mail["Message-ID"] = f"<{notice.notice_id}@{sender.partition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(_templates.get_template("case_opened.txt").render(said))
    mail.add_alternative(_templates.get_template("case_opened.html").render(said), subtype="html")
    return mail
