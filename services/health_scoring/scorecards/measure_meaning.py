"""What the fields of a measure mean together: what is well-formed, and yet would measure nothing or something else."""

from itertools import pairwise

from services.health_scoring.domain.scorecard import HORIZON_DAYS
from services.health_scoring.scorecards import measure as form
from services.health_scoring.scorecards.checks import words_unknown
from shared.yaml_files.checks import Found, repeated
from shared.yaml_files.problems import Path

USAGE = "UsageRecorded"
SAYS = {"TicketOpened": {"severity"}, "SurveyAnswered": {"kind"}, "MeetingMissed": {"by"}}
NEEDS = {
    "sum": (USAGE,),
    "active_days": (USAGE,),
    "distinct_users": (USAGE,),
    "distinct_metrics": (USAGE,),
    "open_load": ("TicketOpened", "InvoiceOverdue"),
    "oldest_open_days": ("TicketOpened", "InvoiceOverdue"),
    "hours_to_resolve": ("TicketOpened",),
    "mean": ("SurveyAnswered",),
    "latest": ("SurveyAnswered",),
}


def meaning(path: Path, measure: form.Measure) -> Found:
    """Yield the path of each field of the measure at `path` that does not go with the others, and what to do."""
    yield from _source(path, measure)
    yield from _curve((*path, "normalise", "curve"), measure.normalise)
    yield from _window(path, measure)
    yield from _baseline((*path, "normalise"), measure)
    yield from _aging(path, measure)
    known = {"value", "count"} | ({"days"} if hasattr(measure.aggregate, "days") else set())
    if measure.normalise.baseline_days:
        known |= {"baseline", "ratio"}
    if _all_metrics_added(measure):
        known -= {"value", "baseline"}  # units of different metrics
    yield from words_unknown((*path, "says"), measure.says, known, "this measure")


def _source(path: Path, measure: form.Measure) -> Found:
    kind, source = measure.aggregate.kind, measure.source
    if kind == "onboarding_overdue_days":
        if source is not None:
            yield (
                (*path, "source"),
                f"does not go with {kind}, which looks at the customer's master data: take it out",
            )
        return
    if source is None:
        yield (*path, "source"), f"is missing: say which events {kind} looks at"
        return
    events = (*path, "source", "events")
    yield from repeated(events, source.events)
    needed = NEEDS.get(kind)
    if needed and (len(source.events) > 1 or source.events[0] not in needed):
        yield events, f"must be [{'] or ['.join(needed)}] for {kind}, not [{', '.join(source.events)}]"
    elif USAGE in source.events and (len(source.events) > 1 or kind == "share"):
        yield events, f"cannot mix {USAGE} with other events: make a measure of each"
    yield from _metric((*path, "source", "metric"), source, measure)
    yield from _where((*path, "source", "where"), source, kind)
    yield from _load((*path, "aggregate"), measure.aggregate, source)
    yield from _among((*path, "aggregate", "among"), measure.aggregate, source)


def _metric(path: Path, source: form.Source, measure: form.Measure) -> Found:
    kind = measure.aggregate.kind
    if source.metric == form.ANY:
        if _all_metrics_added(measure) and not measure.normalise.baseline_days:
            yield (
                path,
                "is every metric, and their units do not add up: name one, or give normalise/baseline_days",
            )
        return
    if form.ANY in source.metric:
        yield path, f"must be one metric by its name, or '*' alone for all, not '{source.metric}'"
    elif USAGE not in source.events:
        yield path, f"goes with {USAGE} alone: take it out"
    elif kind in {"distinct_users", "distinct_metrics"}:
        yield path, f"goes with sum, count, active_days and days_since_last, not with {kind}: take it out"


def _all_metrics_added(measure: form.Measure) -> bool:
    return measure.aggregate.kind == "sum" and measure.source is not None and measure.source.metric == form.ANY


def _where(path: Path, source: form.Source, kind: str) -> Found:
    for name, values in source.where:
        yield from repeated((*path, name), values)
        silent = [event for event in source.events if name not in SAYS.get(event, ())]
        if values and silent:
            yield (*path, name), f"is nothing that {silent[0]} says: take it out"
    if kind in {"mean", "latest"} and len(source.where.kind) != 1:
        yield (*path, "kind"), "must name one kind of survey, such as [nps]: their scores have different ranges"


def _load(path: Path, aggregate: form.Aggregate, source: form.Source) -> Found:
    if not isinstance(aggregate, form.OpenLoad):
        return
    if "TicketOpened" in source.events and aggregate.load is None:
        yield (*path, "load"), "is missing: say what a ticket of each severity counts"
    if "InvoiceOverdue" in source.events:
        for name in aggregate.model_fields_set & {"load", "escalated"}:
            yield (*path, name), "goes with tickets, and invoices count one each: take it out"


def _among(path: Path, aggregate: form.Aggregate, source: form.Source) -> Found:
    if not isinstance(aggregate, form.Share):
        return
    yield from repeated(path, aggregate.among)
    if left_out := [event for event in source.events if event not in aggregate.among]:
        yield path, f"must hold the events of the source too, and leaves out {', '.join(left_out)}"
    elif set(aggregate.among) <= set(source.events):
        yield path, "must hold other events than the source's: the share would always be 1"
    if USAGE in aggregate.among:
        yield path, f"cannot hold {USAGE}: count it in a measure of its own"


def _curve(path: Path, normalise: form.Normalise) -> Found:
    for at, ((before, _), (after, _)) in enumerate(pairwise(normalise.curve), start=1):
        if after <= before:
            yield (*path, at, 0), f"must be more than {before:g}, the number before it, not {after:g}"


def _window(path: Path, measure: form.Measure) -> Found:
    days = getattr(measure.aggregate, "days", 0)
    if measure.source is not None and USAGE in measure.source.events and days > form.USAGE_WINDOW:
        yield (
            (*path, "aggregate", "days"),
            f"must be a whole number from 1 to {form.USAGE_WINDOW} for usage, not {days}",
        )


def _baseline(path: Path, measure: form.Measure) -> Found:
    aggregate, normalise = measure.aggregate, measure.normalise
    given = normalise.baseline_days
    if given is None:
        if "baseline_blocks" in normalise.model_fields_set:
            yield (*path, "baseline_blocks"), "goes with baseline_days: add that, or take this out"
        return
    if not isinstance(aggregate, form.Amount):
        yield (*path, "baseline_days"), f"does not go with {aggregate.kind}: take it out"
        return
    if aggregate.per_seat:
        yield (
            (*path, "baseline_days"),
            "does not go with aggregate/per_seat, as seats cancel out: take one of them out",
        )
    usage = measure.source is not None and USAGE in measure.source.events
    reach = HORIZON_DAYS if usage else form.WINDOW
    if given % aggregate.days:
        yield (*path, "baseline_days"), f"must be a multiple of the window's {aggregate.days} days, not {given}"
    elif aggregate.days + given > reach:
        yield (
            (*path, "baseline_days"),
            f"must be at most {reach - aggregate.days}, as window and baseline have {reach} days together, not {given}",
        )
    elif normalise.baseline_blocks > given // aggregate.days:
        yield (
            (*path, "baseline_blocks"),
            f"must be at most {given // aggregate.days}, as no more windows fit in, not {normalise.baseline_blocks}",
        )
    if normalise.curve[0][0] < 0:
        yield (*path, "curve", 0, 0), "must not be negative: with a baseline it is a share of the usual"


def _aging(path: Path, measure: form.Measure) -> Found:
    days = getattr(measure.aggregate, "days", None)
    if measure.stale_days is None:
        if "stale" in measure.model_fields_set:
            yield (*path, "stale"), "goes with stale_days: add that, or take this out"
    elif days is None:
        yield (*path, "stale_days"), f"does not go with {measure.aggregate.kind}, which has no window: take it out"
    elif measure.stale_days >= days:
        yield (
            (*path, "stale_days"),
            f"must be less than the window's {days} days, after which the measure is missing, not {measure.stale_days}",
        )
    if measure.source is not None and USAGE in measure.source.events:
        for name in measure.model_fields_set & {"stale_days", "half_life_days"}:
            yield (*path, name), f"does not go with {USAGE}: of use that has ended, the window says 0; take it out"
    if measure.half_life_days is not None and days is None:
        yield (*path, "half_life_days"), f"does not go with {measure.aggregate.kind}, which has no window: take it out"
