"""Forms of a customer: what a person says of its health, and that they want to be told nothing of it for a while."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.console.page.acting.conversations import ONCE
from services.console.page.acting.field import Field, Option, moment_for
from services.console.page.acting.form import About, Form, Given
from shared.contracts import health_commands, notification_commands

BANDS = (Option("green", "Green"), Option("yellow", "Yellow"), Option("red", "Red"))
USUAL_DAYS = 14
MOST_DAYS = 30


def _once(about: About) -> tuple[str, ...]:
    return ONCE if about.customer is not None else ()


def _overridden(about: About) -> tuple[str, ...]:
    return ONCE if about.override is not None else ()


def _override(about: About, _: str) -> Sequence[Field]:
    known = about.override
    until = about.write.today() + timedelta(days=USUAL_DAYS)
    return (
        Field("band", "How they really are", "choice", options=BANDS, value=(known.band,) if known else ()),
        Field("reason", "Why", hint="What the score does not know."),
        Field("until", "Until the end of", "day", value=(until.isoformat(),), hint=f"{MOST_DAYS} days at most."),
    )


def _said(given: Given, about: About, _: str) -> Given:
    zone = ZoneInfo(about.write.time_zone)
    end = datetime.combine(date.fromisoformat(given.pop("until")), time(23, 59), zone)
    latest = about.write.now + timedelta(days=MOST_DAYS)
    is_last = latest.astimezone(zone).date() == end.date()  # whose end would be some hours too late
    return {**given, "expires_at": latest if is_last else end}


def _is_muted(about: About) -> bool:
    muted = about.chosen.muted if about.chosen else ()
    return any(one.customer == about.customer_id and one.until > about.write.now for one in muted)


def _mute(about: About, _: str) -> Sequence[Field]:
    in_a_week = moment_for(about.write.now + timedelta(days=7), about.write.time_zone)
    return (Field("until", "Until", "moment", value=in_a_week),)


def _of_them(given: Given, about: About, _: str) -> Given:
    return {**given, "customer": about.customer_id}


FORMS = (
    Form(
        "override_health", health_commands.OverrideHealth, "Say how they really are", "Say so", _override, _once,
        make=_said, note="It is shown beside the computed score, and never in its place.",
    ),
    Form(
        "clear_override", health_commands.ClearOverride, "Let the computed score count alone", "Take it back",
        lambda _, __: (), _overridden,
    ),
    Form(
        "rescore", health_commands.RescoreCustomer, "Compute the score anew", "Compute it", lambda _, __: (), _once,
        note="From all that is known. It is computed anew by itself whenever something arrives.",
    ),
    Form(
        "mute", notification_commands.MuteCustomer, "Tell me nothing of them for a while", "Be silent",
        _mute, lambda about: () if _is_muted(about) else ONCE, right="oneself",
        make=_of_them, note="What is critical is told all the same.",
    ),
    Form(
        "unmute", notification_commands.UnmuteCustomer, "Tell me of them again", "Tell me",
        lambda _, __: (), lambda about: ONCE if _is_muted(about) else (), right="oneself",
        make=_of_them,
    ),
)  # fmt: skip
