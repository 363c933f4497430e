"""What a form says."""

from urllib.parse import parse_qsl

from fastapi import Request

MOST_FIELDS = 100


async def form_of(request: Request) -> dict[str, str]:
    """Return the fields of a form that was sent, the last of each name; none where it is not a form."""
    try:
        pairs = parse_qsl((await request.body()).decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return {}
    return dict(pairs)
