"""`amicable contracts`: writes the JSON Schemas and the AsyncAPI document from the code, or says where they differ."""

from pathlib import Path

import typer

from amicable import contract_files
from amicable.output import AsJson, console, print_json
from amicable.problems import OK, REFUSED, USAGE, Problem

app = typer.Typer(help="Write the contracts' files from the code, or compare them with it.", no_args_is_help=True)


def _root() -> Path:
    if not Path("shared/contracts").is_dir():
        raise Problem("There is no shared/contracts here: go to the top of the repository.", USAGE)
    return Path()


@app.command()
def write(as_json: AsJson = False) -> None:  # a flag
    """Write what differs."""
    _show(contract_files.write(_root()), "written", as_json=as_json)


@app.command()
def check(as_json: AsJson = False) -> None:  # a flag
    """Show what differs; exit code 1 if anything does."""
    stale = contract_files.check(_root())
    _show(stale, "differ from the code: run `amicable contracts write`", as_json=as_json)
    raise typer.Exit(REFUSED if stale else OK)


def _show(files: list[Path], what: str, *, as_json: bool) -> None:
    if as_json:
        print_json([str(file) for file in files])
    elif files:
        console.print(*files, f"{len(files)} files {what}.", sep="\n")
    else:
        console.print("Every file is as the code says.")
