"""`amicable transition`: the ending of a relationship, as transition_review knows it."""

import typer

from amicable.terms_command import terms

app = typer.Typer(help="The ending of a relationship: terms of the contract.", no_args_is_help=True)
app.command()(terms)


@app.callback()
def group() -> None:
    """Only what comes before any command; the help is the app's."""
