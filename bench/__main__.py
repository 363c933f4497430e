"""`make bench`: ours and the yardsticks do the same job in one run; then services by themselves.

Without names: everything, which takes an hour.
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import job
from bench.comparison import CONTENDERS, compare
from bench.finding import Finding
from bench.measuring import Wrong
from bench.scenarios import SCENARIOS

console = Console(width=120)


async def measure_alone(folder: Path, names: list[str]) -> None:
    """Run scenarios one after the other, and print what was found."""
    for name in names:
        place = folder / name
        place.mkdir()
        place.chmod(0o755)  # Postgres is not root
        console.print(_table(name, await SCENARIOS[name](place)))


def _table(name: str, findings: list[Finding]) -> Table:
    service = {
        "cases": "action_plans",
        "console": "console",
        "notifications": "notifications with the shipped rules",
    }.get(name, "health_scoring with the shipped scorecards")
    table = Table(title=f"{service}: {name}")
    for column in ("what", "figure", "unit", "goal, at most", ""):
        table.add_column(column, justify="right" if column in {"figure", "goal, at most"} else "left")
    for one in findings:
        goal = "" if one.goal is None else f"{one.goal:,.0f}"
        said = "" if one.goal is None else "reached" if one.figure <= one.goal else "falls short"
        table.add_row(
            one.what, f"{one.figure:,.1f}" if one.figure < 1000 else f"{one.figure:,.0f}", one.unit, goal, said
        )
    return table


async def run(folder: Path, names: list[str], rounds: int, events: int) -> None:
    """Run what is named."""
    contenders = [name for name in names if name in CONTENDERS]
    if contenders:
        await compare(console, folder, contenders, rounds, events)
    await measure_alone(folder, [name for name in names if name in SCENARIOS])


def main() -> int:
    """Read what is asked, and run it."""
    every = [*CONTENDERS, *SCENARIOS]
    parser = argparse.ArgumentParser(
        prog="make bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"all, or some of: {'; '.join(every)}")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--events", type=int, default=job.EVENTS)
    asked = parser.parse_args()
    unknown = set(asked.names) - set(every)
    if unknown:
        parser.error(f"there is nothing to measure named {', '.join(sorted(unknown))}")
    try:
        with tempfile.TemporaryDirectory(prefix="amicable-bench-") as name:
            folder = Path(name)
            folder.chmod(0o755)  # Postgres is not root
            asyncio.run(run(folder, asked.names or every, asked.rounds, asked.events))
    except Wrong as why:
        sys.stderr.write(f"{why}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
