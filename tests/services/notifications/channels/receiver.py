"""The receiver that docs/contracts/webhook.md shows, as it stands there."""

import re
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[4] / "docs/contracts/webhook.md"


def _shown() -> Any:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code, str(PAGE), "exec"), names)  # noqa: S102  # our own page
    return names["Receiver"]


Receiver: Any = _shown()
