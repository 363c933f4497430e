"""The geometry of what is drawn: all of it as attributes of SVG elements, since no inline style is let in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

SPARK_WIDTH, SPARK_HEIGHT = 96, 24
WIDTH, HEIGHT = 640, 180
LEFT, RIGHT, TOP, BOTTOM = 34, 8, 10, 22

Days = Sequence[tuple[date, Decimal | None]]


def sparkline(days: Days, until: date, span: int) -> str:
    """Return the points of a line over the last `span` days, 0 to 100 points high; empty with fewer than two."""
    known = [(day, score) for day, score in days if score is not None]
    if len(known) < 2:
        return ""
    first = until.toordinal() - span
    return " ".join(
        f"{(day.toordinal() - first) / span * SPARK_WIDTH:.1f},"
        f"{SPARK_HEIGHT - 2 - float(score) / 100 * (SPARK_HEIGHT - 4):.1f}"
        for day, score in known
    )


@dataclass(frozen=True)
class Dot:
    """A day in a chart."""

    x: float
    y: float
    day: date
    score: Decimal


@dataclass(frozen=True)
class ScoreChart:
    """A line of scores with its scale. grid: heights with their points; first, last: the ends of the days shown."""

    line: str
    area: str
    dots: tuple[Dot, ...]
    grid: tuple[tuple[float, int], ...]
    first: date
    last: date
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    base: int = HEIGHT - BOTTOM


def score_chart(days: Days, until: date, span: int) -> ScoreChart | None:
    """Return the chart of the last `span` days; None with fewer than two known ones."""
    known = [(day, score) for day, score in days if score is not None]
    if len(known) < 2:
        return None
    first = max(until.toordinal() - span, known[0][0].toordinal())
    whole = max(1, until.toordinal() - first)

    def at(day: date, score: Decimal) -> Dot:
        x = LEFT + (day.toordinal() - first) / whole * (WIDTH - LEFT - RIGHT)
        return Dot(round(x, 1), round(_height(float(score)), 1), day, score)

    dots = tuple(at(day, score) for day, score in known)
    line = " ".join(f"{dot.x},{dot.y}" for dot in dots)
    base = HEIGHT - BOTTOM
    area = f"{dots[0].x},{base} {line} {dots[-1].x},{base}"
    grid = tuple((round(_height(points), 1), points) for points in (0, 25, 50, 75, 100))
    return ScoreChart(line, area, dots, grid, date.fromordinal(first), until)


def _height(points: float) -> float:
    return HEIGHT - BOTTOM - points / 100 * (HEIGHT - TOP - BOTTOM)
