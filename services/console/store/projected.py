"""What the projection writes, and nothing else does: it can be emptied and made anew from the topics."""

TABLES = (
    "people",
    "customers",
    "scores",
    "band_changes",
    "risks",
    "overrides",
    "cases",
    "transitions",
    "stand_ins",
    "terminations",
    "reached",
    "tasks",
    "happenings",
    "notes",
    "notices",
    "taken",
    "links",
    "alternatives",
    "choices",
    "feeds",
    "parked_news",
)
KEPT = ("score_days",)  # written by it too; scores.v1 is compacted, so that of days long past it would not come back
