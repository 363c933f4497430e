"""Writes a notice as a mail: plain text and HTML that say the same; the subject names the customer and nothing else."""

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr, formatdate
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from services.notifications.domain import Notice, Recipient

_TEMPLATES = {  # by the type of the fact, or what was released: the template's name, and the subject
    "CaseOpened": ("case_opened", "Action needed: {customer}"),
    "FeedStopped": ("feed_stopped", "Action needed: nothing comes from {origin}"),
    "signing_code": ("signing_code", "Your code for the plan with {company}"),
    "ending_notice": ("ending_notice", "Written notice from {company}"),
    "ending_changed": ("ending_notice", "Changed dates: written notice from {company}"),
    "ending_plan_link": ("ending_plan_link", "Your transition plan with {company}"),
    "ending_withdrawn": ("ending_withdrawn", "Our notice is withdrawn: {company}"),
}
_templates = Environment(
    loader=PackageLoader("services.notifications"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def write(notice: Notice, sender: str) -> EmailMessage:
    """Return the mail. Its Message-ID is the notice's, so that a repeated one can be recognised."""
    said = {
        **notice.says,
        "person": notice.recipient.name,
        "customer": notice.customer_name,
        "when": _when(notice.happened_at, notice.recipient),
    }
    if "since" in notice.says:
        said["since"] = _when(datetime.fromisoformat(notice.says["since"]), notice.recipient)
    if notice.expires_at is not None:
        said["until"] = _when(notice.expires_at, notice.recipient)
    template, subject = _TEMPLATES[notice.says.get("template", notice.fact_type)]
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = subject.format(**said)
    mail["From"] = formataddr((notice.says.get("company", "Amicable"), sender))
    mail["To"] = formataddr((notice.recipient.name, notice.recipient.email))
    mail["Date"] = formatdate(usegmt=True)
    mail["Message-ID"] = f"<{notice.notice_id}@{sender.partition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(_templates.get_template(f"{template}.txt").render(said))
    mail.add_alternative(_templates.get_template(f"{template}.html").render(said), subtype="html")
    return mail


def _when(at: datetime, recipient: Recipient) -> str:
    there = at.astimezone(ZoneInfo(recipient.time_zone))
    return f"{there:%A}, {there.day} {there:%B %Y, %H:%M} ({recipient.time_zone})"
