"""Draws every letter as mail programs do: light, dark, and narrow (360 px), by Chromium.

`python -m tests.services.notifications.letters.pictures FOLDER [NAME…]` writes pages of letters side by side, as PNG.
"""

import subprocess
import sys
from html import escape
from pathlib import Path

from tests.services.notifications.letters.letters_of import briefing, every_letter, with_others

CHROMIUM = "chromium"
IN_A_ROW = 4
LOOKS = {"light": (640, 1), "dark": (640, 0), "narrow": (360, 1), "narrow_dark": (360, 0)}  # width, Chromium's scheme
HEIGHT = 900


def draw(pages: dict[str, str], folder: Path) -> list[Path]:
    """Write the pictures of the HTML pages; returns their files."""
    folder.mkdir(parents=True, exist_ok=True)
    names, drawn = list(pages), []
    for look, (width, scheme) in LOOKS.items():
        for first in range(0, len(names), IN_A_ROW):
            some = names[first : first + IN_A_ROW]
            sheet = folder / f"{look}-{first // IN_A_ROW:02}.html"
            frames = (
                f'<figure style="margin:0"><figcaption>{name}</figcaption><iframe srcdoc="{escape(pages[name])}" '
                f'style="border:0;width:{width}px;height:{HEIGHT}px"></iframe></figure>'
                for name in some
            )
            sheet.write_text(
                '<meta charset="utf-8"><meta name="color-scheme" content="light dark">'
                f'<body style="display:flex;gap:8px;margin:8px;font:13px sans-serif">{"".join(frames)}'
            )
            picture = sheet.with_suffix(".png")
            subprocess.run(
                [
                    CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--log-level=3",
                    f"--blink-settings=preferredColorScheme={scheme}",
                    f"--window-size={(width + 8) * IN_A_ROW + 16},{HEIGHT + 40}", f"--screenshot={picture}",
                    sheet.as_uri(),
                ],
                check=True, capture_output=True, timeout=60,
            )  # fmt: skip
            drawn.append(picture)
    return drawn


def main() -> None:
    """Draw all letters, or the named ones."""
    folder, *wanted = sys.argv[1:]
    letters = {**dict(every_letter(take="https://amicable.example/take/dG9rZW4")), "digest": briefing(),
               "with_others": with_others()}  # fmt: skip
    pages = {name: one.html for name, one in letters.items() if not wanted or name in wanted}
    for name, one in letters.items():
        if name in pages:
            path = Path(folder) / "text" / f"{name}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"Subject: {one.subject}\n\n{one.text}")
    for picture in draw(pages, Path(folder)):
        sys.stdout.write(f"{picture}\n")


if __name__ == "__main__":
    main()
