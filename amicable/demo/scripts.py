"""The twelve customers of the demo with a story of their own: up to the anchor, and in the days after it.

Working days up to 9 belong to the story that `demo --once` tells and that expectation.yaml judges; later ones are how
it goes on. Scores stay some points away from the bounds of bands on the last of these days, since chance moves them by
a point or two.
"""

from amicable.demo.moves import (
    calms_down,
    escalate,
    goes_live,
    meeting,
    missed,
    pays,
    quietly,
    remark,
    resolve,
    sponsor_follows,
    sponsor_leaves,
    stops_paying,
    survey,
    ticket,
)
from amicable.demo.script import Script

FALLING_USAGE = Script(
    "falling usage",
    quiet_from=-150,
    usage=((-63, 1.0), (-18, 0.6), (0, 0.55), (9, 0.15), (18, 0.2), (30, 1.0)),
    moves=(
        (-85, (survey("nps", 7),)),
        (-58, (meeting(),)),
        (-35, (meeting(), survey("nps", 5))),
        (-15, (missed(),)),
        (-11, (ticket("low", "Column order is lost after every login"),)),
        (-6, (ticket("high", "Dispatchers keep their own spreadsheet: the planner is too slow"),)),
        (2, (remark("uses it less and less: not even half of what was usual", "bad"),)),
        (3, (missed(), survey("nps", 0))),
        (7, (remark("is down to a handful of users", "bad"),)),
        (12, (meeting(), resolve())),
        (15, (meeting(), remark("brings its dispatchers back, team by team", "good"))),
        (19, (meeting(), survey("nps", 8))),
        (24, (meeting(), calms_down())),
    ),
)

SILENT_FOR_WEEKS = Script(
    "silent for weeks",
    quiet_from=-400,
    usage=((-38, 1.0), (-37, 0.0), (1, 0.0), (2, 0.9), (14, 1.0)),
    moves=(
        (-220, (meeting(),)),
        (-180, (meeting(),)),
        (-140, (meeting(),)),
        (-110, (meeting(),)),
        (-32, (ticket("normal", "Who will be our contact from now on?"),)),
        (2, (remark("is back: the first login in more than five weeks", "good"),)),
        (5, (resolve(),)),
        (7, (meeting(),)),
        (12, (calms_down(),)),
    ),
)

# It fades so slowly that no week is a fall, and is so new that its low score is still forgiven: only silence finds it.
# Nor does it pay meanwhile: an event that came on the day of its silence would be named as the cause of what is found.
GONE_SILENT = Script(
    "gone silent",
    quiet_from=-400,
    usage=((-34, 1.0), (-9, 0.25), (-2, 0.2), (-1, 0.0), (16, 0.0), (17, 0.9), (30, 1.0)),
    moves=(
        (-45, (meeting(),)),
        (-30, (survey("nps", 9),)),
        (-25, (meeting(),)),
        (-4, (quietly(pays()), stops_paying())),
        (12, (meeting(), remark("had merged with another plumber, and nobody had told us", "good"), quietly(pays()))),
        (13, (remark("is back, with five new people", "good"),)),
        (20, (meeting(), calms_down())),
    ),
)

SUPPORT_OVERLOAD = Script(
    "support overload",
    quiet_from=-150,
    usage=((0, 1.0), (3, 0.5), (7, 0.2), (18, 0.25), (26, 1.0)),
    moves=(
        (-90, (meeting(),)),
        (-60, (meeting(), survey("nps", 7))),
        (-30, (meeting(),)),
        (-4, (ticket("low", "Two sites share one address"),)),
        (1, (ticket("urgent", "Dispatch board shows yesterday's jobs"),)),
        (2, (ticket("urgent", "Engineers cannot open any job"), escalate(), survey("csat", 1))),
        (4, (remark("goes back to planning by telephone", "bad"),)),
        (6, (missed(),)),
        (9, (ticket("urgent", "Board is empty again this morning"), escalate())),
        (12, (meeting(), resolve(count=2))),
        (14, (resolve(), survey("csat", 3))),
        (17, (meeting(), survey("csat", 5))),
        (20, (meeting(), calms_down())),
    ),
)

SPONSOR_LEFT = Script(
    "sponsor left",
    quiet_from=-30,
    moves=(
        (-10, (meeting(),)),
        (4, (sponsor_leaves(),)),
        (8, (meeting(),)),
        (15, (sponsor_follows(),)),
        (16, (meeting(), calms_down())),
    ),
)

UNPAID_AND_ABSENT = Script(
    "unpaid invoices and missed meetings",
    quiet_from=-160,
    usage=((-70, 1.0), (-28, 0.4), (14, 0.3), (22, 0.3), (34, 1.0)),
    moves=(
        (-98, (stops_paying(),)),
        (-66, (meeting(),)),
        (-45, (missed(), survey("nps", 2))),
        (-24, (missed(),)),
        (-12, (ticket("high", "Access for three of our people was blocked"),)),
        (5, (pays(count=1),)),
        (8, (missed(),)),
        (14, (meeting(), pays())),
        (15, (resolve(),)),
        (18, (meeting(),)),
        (22, (meeting(), survey("nps", 7))),
        (27, (meeting(), calms_down())),
    ),
)

SLOW_IMPLEMENTATION = Script(
    "slow implementation",
    quiet_from=-400,
    live=False,
    moves=(
        (-95, (meeting(),)),
        (-60, (meeting(),)),
        (-40, (missed(),)),
        (-20, (meeting(),)),
        (3, (remark("is in month six of an implementation of six weeks", "bad"),)),
        (7, (missed(),)),
        (13, (meeting(), goes_live())),
        (20, (meeting(), calms_down())),
    ),
)

GOES_LIVE = Script(
    "goes live",
    quiet_from=-400,
    live=False,
    moves=((-15, (meeting(),)), (-5, (meeting(),)), (3, (goes_live(),)), (12, (calms_down(),))),
)

HALF_HEARTED = Script(
    "half-hearted use",
    quiet_from=-150,
    usage=((-40, 1.0), (-16, 0.6), (14, 0.5), (20, 0.6), (40, 1.0)),
    moves=(
        (-62, (meeting(),)),
        (-50, (survey("nps", 4),)),
        (-38, (missed(),)),
        (-18, (meeting(),)),
        (-9, (ticket("high", "Half of our technicians still use paper"),)),
        (14, (meeting(), resolve())),
        (18, (meeting(), survey("nps", 7))),
        (26, (meeting(), calms_down())),
    ),
)

SMALL_TROUBLES = Script(
    "many small troubles",
    quiet_from=-150,
    moves=(
        (-61, (meeting(),)),
        (-33, (missed(), survey("nps", 3))),
        (-16, (meeting(),)),
        (-14, (survey("csat", 1), survey("ces", 2))),
        (-11, (ticket("high", "Inspectors cannot sign on site"),)),
        (-8, (ticket("high", "Roof photos are lost when a phone is offline"),)),
        (-5, (ticket("normal", "Permit numbers are missing from the export"),)),
        (-4, (ticket("normal", "Map is in kilometres"),)),
        (13, (resolve(), survey("csat", 4))),
        (18, (meeting(), calms_down())),
    ),
)

TICKETS_RESOLVED = Script(
    "tickets resolved in time",
    quiet_from=-150,
    moves=(
        (-66, (meeting(),)),
        (-52, (meeting(),)),
        (-38, (missed(),)),
        (-24, (meeting(),)),
        (-18, (meeting(),)),
        (-12, (survey("csat", 1), survey("ces", 2), ticket("high", "Harvest crews are planned twice"))),
        (
            -9,
            (ticket("urgent", "Driver app signs people out"), ticket("high", "No e-mail to growers since Monday")),
        ),
        (-7, (escalate(),)),
        (-1, (resolve(count=2),)),
        (1, (resolve(),)),
        (2, (survey("csat", 5), survey("ces", 6))),
        (12, (calms_down(),)),
    ),
)

BAD_WEEK = Script(
    "a bad week",
    quiet_from=-150,
    moves=(
        (-66, (meeting(),)),
        (-52, (meeting(),)),
        (-38, (missed(),)),
        (-24, (meeting(), survey("nps", 8))),
        (-18, (meeting(),)),
        (3, (ticket("high", "Delivery slots are an hour off"),)),
        (5, (ticket("urgent", "Shop orders do not reach the planner"), escalate(), survey("csat", 1))),
        (13, (resolve(), survey("csat", 4))),
        (17, (meeting(), calms_down())),
    ),
)

CAST = {
    "nordlicht-energie": FALLING_USAGE,
    "kitahama-seimitsu": SILENT_FOR_WEEKS,
    "table-bay-plumbing": GONE_SILENT,
    "harborview-clinics": SUPPORT_OVERLOAD,
    "brennan-coyle": SPONSOR_LEFT,
    "talleres-penarroya": UNPAID_AND_ABSENT,
    "ateliers-vauban": SLOW_IMPLEMENTATION,
    "silverfern": GOES_LIVE,
    "polderzicht": HALF_HEARTED,
    "sunridge-solar": SMALL_TROUBLES,
    "vinhos-do-vale": TICKETS_RESOLVED,
    "roesterei-blumental": BAD_WEEK,
}
