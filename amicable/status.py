"""`amicable status`: is every service ready, and where is everything."""

import asyncio
import time
from typing import Annotated, Any

import httpx
import typer
from rich.table import Table
from rich.text import Text

from amicable import addresses
from amicable.addresses import Addresses
from amicable.output import AsJson, console, print_json
from amicable.problems import OK, UNREACHABLE, Problem


def status(
    wait: Annotated[float, typer.Option(min=0, max=3600, help="Seconds to wait until all are ready.")] = 0,
    as_json: AsJson = False,  # a flag
) -> None:
    """Show every service's readiness and the addresses; exit code 3 if one is not ready."""
    reports, found = asyncio.run(_until_ready(wait))
    if as_json:
        print_json({"services": reports, "addresses": _shown(found)})
    else:
        _print(reports, found)
    raise typer.Exit(OK if all(report["ready"] for report in reports.values()) else UNREACHABLE)


async def _until_ready(wait: float) -> tuple[dict[str, Any], Addresses]:
    deadline = time.monotonic() + wait
    while True:
        late = time.monotonic() >= deadline
        try:
            found = addresses.find()
        except Problem:
            if late:
                raise
        else:
            reports = await _ask(found)
            if late or all(report["ready"] for report in reports.values()):
                return reports, found
        await asyncio.sleep(0.2)


async def _ask(found: Addresses) -> dict[str, Any]:
    async with httpx.AsyncClient(trust_env=False, timeout=5) as http:
        answers = await asyncio.gather(*(_report(http, url) for url in found.services.values()))
    return dict(zip(found.services, answers, strict=True))


async def _report(http: httpx.AsyncClient, url: str) -> dict[str, Any]:
    try:
        report: dict[str, Any] = (await http.get(f"{url}/readyz")).json()
    except (httpx.HTTPError, ValueError) as error:
        return {"ready": False, "checks": {"http": {"ok": False, "says": f"no answer ({type(error).__name__})"}}}
    return report


def _shown(found: Addresses) -> dict[str, str]:
    """Return the addresses without passwords and keys."""
    named = {
        "kafka": found.kafka,
        "postgres": found.database.rpartition("@")[2],
        "mail": found.mail_web,
        "smtp": found.mail_smtp,
        **found.services,
    }
    return {name: address for name, address in named.items() if address}


def _print(reports: dict[str, Any], found: Addresses) -> None:
    table = Table("", "Ready", "Address", "What is not as it should be", box=None, header_style="bold")
    shown = _shown(found)
    for name, address in shown.items():
        report = reports.get(name)
        wrong = [check["says"] for check in report["checks"].values() if not check["ok"]] if report else []
        ready = "" if report is None else "[green]yes[/]" if report["ready"] else "[red]no[/]"
        table.add_row(name, ready, address, Text("; ".join(wrong)))
    console.print(table)
