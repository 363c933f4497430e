"""The demo notices when a part of the system does not do its work."""

import json
from pathlib import Path

import pytest
from rich.console import Console

from amicable import addresses, demo_command, system
from amicable.problems import REFUSED
from amicable.runtime.home import Home
from amicable.runtime.parts import Addresses
from amicable.runtime.supervisor import supervise


async def test_demo_fails_with_notifications_stopped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Everything runs but notifications: every case's mail is missed, by name, and the exit code says so."""
    home = Home(tmp_path / "home")
    parts = system.parts(home, clock_kind="driven", durable=False, settings=demo_command.SETTINGS)

    async def story(up: Addresses) -> int:
        return await demo_command.tell(addresses.of_run(up, home), once=True, as_json=True)

    code = await supervise(home, [part for part in parts if part.name != "notifications"], Console(quiet=True), story)

    outcome = json.loads(capsys.readouterr().out)
    assert code == REFUSED
    missed = [sentence for sentence in outcome["differences"] if "no mail reached" in sentence]
    assert len(missed) == len(outcome["cases"]) > 0
    assert outcome["mails"] == []
