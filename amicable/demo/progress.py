"""Progress of long steps: a bar or a spinner on a terminal, nothing elsewhere."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from shared.contracts.event import UpstreamEvent
from shared.upstream_publisher import UpstreamPublisher

_CHUNK = 2000


async def publish(events: Sequence[UpstreamEvent], publisher: UpstreamPublisher, console: Console) -> None:
    """Publish the events in order, and return when Kafka has them."""
    bar = Progress(
        TextColumn("  {task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bar:
        task = bar.add_task("publishing the history", total=len(events))
        for start in range(0, len(events), _CHUNK):
            await publisher.send(events[start : start + _CHUNK])
            bar.update(task, completed=min(start + _CHUNK, len(events)))
        await publisher.flush()


@contextmanager
def waiting(text: str, console: Console) -> Iterator[None]:
    """Show that something is waited for."""
    if console.is_terminal:
        with console.status(text, spinner="dots"):
            yield
    else:
        yield
