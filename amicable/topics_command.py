"""`amicable topics`: creates the topics that are missing, and shows them all."""

import asyncio
from typing import Annotated

import typer
from rich.table import Table

from amicable import addresses, topics
from amicable.output import AsJson, console, print_json
from amicable.problems import OK, REFUSED
from shared.contracts.topics import PARTITIONS, TOPICS


def topics_command(
    kafka: Annotated[
        str | None, typer.Option(envvar="AMICABLE_KAFKA", help="HOST:PORT; else of what runs here.")
    ] = None,
    partitions: Annotated[int, typer.Option(min=1, max=1000, help="For topics that are made now.")] = PARTITIONS,
    replicas: Annotated[int, typer.Option(min=1, max=5, help="For topics that are made now.")] = 1,
    as_json: AsJson = False,  # a flag
) -> None:
    """Create the topics that are missing and show all; exit code 1 if one is not as declared."""
    address, access = addresses.kafka(kafka)
    made = asyncio.run(topics.create(address, partitions=partitions, replicas=replicas, access=access))
    found = asyncio.run(topics.state(address, access))
    if as_json:
        print_json([{**vars(topic), "created": topic.name in made} for topic in found])
    else:
        table = Table("Topic", "Kind", "Written by", "Partitions", "", box=None, header_style="bold")
        for topic in found:
            declared = TOPICS[topic.name]
            note = (
                "[red]" + "; ".join(topic.differs) if topic.differs else "[green]created" if topic.name in made else ""
            )
            table.add_row(
                topic.name, declared.kind.value, ", ".join(declared.producers) or "outside", str(topic.partitions), note
            )
        console.print(table)
    raise typer.Exit(REFUSED if any(topic.differs for topic in found) else OK)
