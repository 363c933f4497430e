"""Forms of oneself: how one is told, of which customers not, and when one is away."""

from collections.abc import Sequence
from datetime import timedelta
from typing import get_args

from services.console.page.acting.conversations import ONCE, nothing
from services.console.page.acting.field import Field, Option, moment_for
from services.console.page.acting.form import About, Form, Given
from shared.contracts import notification_commands as commands

PAGE = "me/preferences"
URGENCIES = {
    "critical": "Critical",
    "high": "Urgent",
    "normal": "Usual",
    "low": "What can wait",
}
CHANNELS = {
    "mail": "Mail",
    "console": "Here, in the console",
    "webhook": "Webhook",
    "slack": "Slack",
    "teams": "Microsoft Teams",
    "apprise": "Apprise",
}
WITH_ADDRESS = ("webhook", "slack", "teams", "apprise")
TIMINGS = {
    "at_once": "At once",
    "hourly": "Together, every hour",
    "daily": "Together, once a day",
    "weekly": "Together, once a week",
    "never": "Never",
}
WEEKDAYS = {name: name.capitalize() for name in get_args(commands.Weekday)}
USUALLY = {"low": "daily", "normal": "at_once", "high": "at_once", "critical": "at_once"}  # of who chose nothing
USUAL_CHANNELS = ("mail",)


def options(names: dict[str, str]) -> tuple[Option, ...]:
    """Return what there is to choose from."""
    return tuple(Option(*one) for one in names.items())


def channels_of(about: About, urgency: str) -> tuple[str, ...]:
    """Return where something so urgent is told today."""
    known = about.chosen.channels if about.chosen else ()
    return next((one.channels for one in known if one.urgency == urgency), USUAL_CHANNELS)


def timing_of(about: About, urgency: str) -> str:
    """Return how often something so urgent is told today."""
    known = about.chosen.timings if about.chosen else ()
    return next((one.timing for one in known if one.urgency == urgency), USUALLY[urgency])


def _ways(about: About, _: str) -> Sequence[Field]:
    chosen = about.chosen
    fields = []
    for urgency, label in URGENCIES.items():
        fields.append(
            Field(
                f"channels-{urgency}", "Where", "many", options=options(CHANNELS), value=channels_of(about, urgency),
                heading=label,
            )
        )  # fmt: skip
        if urgency != "critical":
            fields.append(
                Field(
                    f"timing-{urgency}", "How often", "choice", options=options(TIMINGS),
                    value=(timing_of(about, urgency),),
                )
            )  # fmt: skip
    addresses = {one.channel: one.address for one in chosen.addresses} if chosen else {}
    for number, name in enumerate(WITH_ADDRESS):
        fields.append(
            Field(
                f"address-{name}", CHANNELS[name], required=False,
                value=(addresses[name],) if name in addresses else (),
                heading="Addresses of your own" if number == 0 else "",
                hint="The URL of an incoming webhook. Mail goes where the directory says."
                if number == 0 else "",
            )
        )  # fmt: skip
    return (*fields, *_times(about))


def _times(about: About) -> Sequence[Field]:
    chosen = about.chosen
    quiet = chosen.quiet if chosen else None
    countries = {
        code: str(name) for code, name in about.write.locale.territories.items() if len(code) == 2 and code.isalpha()
    }
    zone = about.write.time_zone.replace("_", " ")
    return (
        Field("quiet_begins", "Quiet from", "time", required=False, value=(quiet.begins,) if quiet else (),
              heading="Hours and days", hint=f"In {zone}; but for what is critical."),
        Field("quiet_ends", "Until", "time", required=False, value=(quiet.ends,) if quiet else ()),
        Field("working_days", "Your working days", "many", options=options(WEEKDAYS),
              value=tuple(chosen.working_days) if chosen and chosen.working_days else tuple(WEEKDAYS)),
        Field("country", "Free holidays of", "choice", required=False,
              options=options(dict(sorted(countries.items(), key=lambda one: one[1]))),
              value=(chosen.country,) if chosen and chosen.country else ()),
        Field("digest_at", "Together at", "time", value=(chosen.digest_at if chosen else "08:00",)),
        Field("digest_day", "Weekly on", "choice", options=options(WEEKDAYS),
              value=(chosen.digest_day if chosen else "monday",)),
    )  # fmt: skip


def _chosen(given: Given, _: About, __: str) -> Given:
    begins, ends = given["quiet_begins"], given["quiet_ends"]
    return {
        "channels": [{"urgency": one, "channels": given[f"channels-{one}"]} for one in URGENCIES],
        "timings": [{"urgency": one, "timing": given[f"timing-{one}"]} for one in URGENCIES if one != "critical"],
        "addresses": [
            {"channel": name, "address": given[f"address-{name}"]} for name in WITH_ADDRESS if given[f"address-{name}"]
        ],
        "quiet": {"begins": begins or ends, "ends": ends or begins} if begins or ends else None,
        "working_days": given["working_days"],
        "country": given["country"],
        "digest_at": given["digest_at"],
        "digest_day": given["digest_day"],
    }


def muted(about: About) -> list[str]:
    """Return the customers of whom this person is told nothing now."""
    known = about.chosen.muted if about.chosen else ()
    return [one.customer for one in known if one.until > about.write.now]


def _mute(about: About, _: str) -> Sequence[Field]:
    silent = set(muted(about))
    return (
        Field("customer", "Which", "choice", options=tuple(one for one in about.customers if one.value not in silent)),
        Field("until", "Until", "moment", value=moment_for(about.write.now + timedelta(days=7), about.write.time_zone)),
    )


def is_away(about: About) -> bool:
    """Tell whether this person has said that they are away, or will be."""
    absence = about.chosen.absence if about.chosen else None
    return absence is not None and absence.last_day >= about.write.today()


def _away(about: About, _: str) -> Sequence[Field]:
    absence = about.chosen.absence if about.chosen and is_away(about) else None
    others = tuple(one for one in about.colleagues() if one.value != about.person.person_id)
    return (
        Field("first_day", "First day", "day", value=(absence.first_day.isoformat(),) if absence else ()),
        Field("last_day", "Last day", "day", value=(absence.last_day.isoformat(),) if absence else ()),
        Field("substitute", "Who stands in for you", "choice", options=others, required=False,
              value=(absence.substitute,) if absence and absence.substitute else (),
              hint="They are told instead of you, and read meanwhile what you may read. So that they can act, your "
                   "manager gives them the case. Nobody chosen: your manager is told."),
    )  # fmt: skip


def _named_channels(about: About) -> list[str]:
    return sorted({name for urgency in URGENCIES for name in channels_of(about, urgency)})


FORMS = (
    Form(
        "choose", commands.ChooseNotifications, "Change how you are told", "Save it", _ways, lambda _: ONCE,
        right="oneself", make=_chosen,
    ),
    Form(
        "try_channel", commands.TryChannel,
        lambda _, item: f"Try it: {CHANNELS.get(item, item)}", "Send me a message", nothing, _named_channels,
        right="oneself", item="channel", note="It asks for nothing, and comes at once.",
    ),
    Form(
        "revoke_links", commands.RevokeLinks, "Take back the links in my mails", "Take them back", nothing,
        lambda _: ONCE, right="oneself",
        note="No link in a mail that you got until now does anything any more: where somebody else has read one.",
    ),
    Form(
        "mute", commands.MuteCustomer, "Tell me nothing of a customer", "Be silent", _mute, lambda _: ONCE,
        right="oneself", note="What is critical is told all the same.",
    ),
    Form(
        "unmute", commands.UnmuteCustomer, lambda about, item: f"Tell me of {about.people.name(item)} again",
        "Tell me", nothing, muted, right="oneself", item="customer",
    ),
    Form(
        "be_away", commands.BeAway, "Say when you are away", "Save it", _away, lambda _: ONCE, right="oneself",
        note="Whoever stands in for you is told instead of you; of what is for your team, only if they are of it too.",
    ),
    Form(
        "be_back", commands.BeBack, "I am here again", "I am here", nothing,
        lambda about: ONCE if is_away(about) else (), right="oneself",
    ),
)  # fmt: skip
