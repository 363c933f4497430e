"""What the list draws is the text of upstream systems, whatever it looks like."""

from io import StringIO

from rich.console import Console

from amicable import health_view
from services.health_scoring.store.customers import Row


def test_markup_in_a_csms_id_stays_text() -> None:
    row = Row("acme", "[b]Acme", "[/csm]", "smb", None, None, False, None, None, None, None, "[red]why")
    console = Console(width=health_view.WIDTH, file=StringIO(), record=True)
    console.print(health_view.listed([row], 1))
    drawn = console.export_text()
    assert "[/csm]" in drawn
    assert "[b]Acme" in drawn
