"""`amicable transition`: the ending of a relationship, as far as it has come."""

import typer

from amicable import transition_documents_command as documents

app = typer.Typer(help="The ending of a relationship: its documents.", no_args_is_help=True)
for command in (documents.agenda, documents.preparation, documents.plan, documents.notice):
    app.command()(command)
