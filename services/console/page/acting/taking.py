"""The form of what a notice asks for: that somebody takes it in hand."""

from services.console.page.acting.conversations import nothing
from services.console.page.acting.form import About, Form
from shared.contracts.notification_commands import AcknowledgeNotice

PAGE = "me/notifications"


def _asked(about: About) -> tuple[str, ...]:
    return about.asks


FORMS = (
    Form(
        "take_in_hand", AcknowledgeNotice, "Take it in hand", "I take it in hand", nothing, _asked, right="oneself",
        item="ask_id", note="Whoever else was told sees that you do, and it goes to nobody higher up.",
    ),
)  # fmt: skip
