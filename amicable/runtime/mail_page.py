"""The caught mails as a web page: a list, and one of them beside it."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

# Nothing but our own style sheet, and the frame that a mail's HTML is shown in.
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
# A mail's own HTML: no scripts, no forms, nothing loaded from elsewhere.
MAIL_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"

STYLE = """\
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; }
header { padding: 0.75rem 1.25rem; border-bottom: 1px solid var(--line); }
h1 { font-size: 1.1rem; margin: 0; }
h2 { font-size: 1.25rem; margin: 0 0 0.75rem; overflow-wrap: anywhere; }
.columns { display: grid; grid-template-columns: minmax(17rem, 26rem) 1fr; min-height: calc(100vh - 3.2rem); }
nav { border-right: 1px solid var(--line); }
ol { list-style: none; margin: 0; padding: 0; }
li a { display: block; padding: 0.7rem 1.25rem; color: inherit; text-decoration: none; }
li { border-bottom: 1px solid var(--line); }
li a:hover, li a:focus-visible { background: color-mix(in srgb, currentColor 7%, transparent); }
li a[aria-current] { box-shadow: inset 4px 0 #2f6fde; background: color-mix(in srgb, #2f6fde 12%, transparent); }
li strong, li span { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
li span, dt, .hint { opacity: 0.75; font-size: 0.9rem; }
main { padding: 1.25rem; min-width: 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.15rem 1rem; margin: 0 0 1.25rem; }
dd { margin: 0; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; margin: 0; }
h3 { font-size: 0.9rem; margin: 1.5rem 0 0.5rem; }
iframe { width: 100%; height: 32rem; border: 1px solid var(--line); background: #fff; color-scheme: light; }
@media (max-width: 45rem) { .columns { grid-template-columns: 1fr; } nav { border-right: 0; } }
"""


def page(mails: Sequence[Mapping[str, Any]], shown: Mapping[str, Any] | None) -> str:
    """The whole page: the list of all mails, and the shown one as a whole."""
    listed = "".join(_listed(mail, current=bool(shown) and mail["ID"] == (shown or {})["ID"]) for mail in mails)
    content = _shown(shown) if shown else f'<p class="hint">{_hint(mails)}</p>'
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{escape(shown["Subject"] if shown else "Caught mails")} · Amicable</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header><h1>Caught mails ({len(mails)})</h1></header>
<div class="columns">
<nav aria-label="Mails"><ol>{listed}</ol></nav>
<main>{content}</main>
</div>
</body>
</html>
"""


def _hint(mails: Sequence[Mapping[str, Any]]) -> str:
    return "Choose a mail to read it." if mails else "No mail has been sent yet."


def _listed(mail: Mapping[str, Any], *, current: bool) -> str:
    mark = ' aria-current="page"' if current else ""
    return (
        f'<li><a href="/mail/{mail["ID"]}"{mark}><strong>{_subject(mail)}</strong>'
        f"<span>{_when(mail['Date'])} to {escape(_people(mail['To']))}</span></a></li>"
    )


def _shown(mail: Mapping[str, Any]) -> str:
    fields = {"From": _people([mail["From"]] if mail["From"] else []), "To": _people(mail["To"])}
    fields |= {"Cc": _people(mail["Cc"])} if mail["Cc"] else {}
    fields |= {"Date": _when(mail["Date"]), "Message ID": mail["MessageID"]}
    fields |= {"Attachments": ", ".join(one["FileName"] for one in mail["Attachments"])} if mail["Attachments"] else {}
    rows = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in fields.items())
    text = f"<h3>Text</h3><pre>{escape(mail['Text'])}</pre>" if mail["Text"] else ""
    frame = f'<iframe sandbox="" title="The mail as HTML" src="/mail/{mail["ID"]}/html"></iframe>'
    html = f"<h3>HTML</h3>{frame}" if mail["HTML"] else ""
    return f"<article><h2>{_subject(mail)}</h2><dl>{rows}</dl>{html}{text}</article>"


def _subject(mail: Mapping[str, Any]) -> str:
    return escape(mail["Subject"] or "(no subject)")


def _people(addresses: Sequence[Mapping[str, str]]) -> str:
    return ", ".join(f"{one['Name']} <{one['Address']}>" if one["Name"] else one["Address"] for one in addresses)


def _when(moment: str) -> str:
    return moment[:16].replace("T", " ")
