"""A letter as plain text: short blocks with an empty line between, which read well in mail and in chat."""

from services.notifications.letters.content import Content
from services.notifications.letters.digest import Digest
from services.notifications.letters.item import Besides, Item


def letter(content: Content, besides: Besides) -> str:
    """Return the text."""
    blocks = [content.title if content.when is None else f"{content.title}\n{content.when}"]
    blocks += [f"Hello {content.person},", content.happened]
    if content.code:
        blocks.append(f"    {content.code}")
    if content.quote:
        blocks.append("\n".join(f"> {line}" for line in content.quote))
    if content.listed:
        heading, texts, more = content.listed
        blocks.append("\n".join([f"{heading}:", *_items(texts), *([f"  and {more} more"] if more else [])]))
    if content.facts:
        blocks.append("\n".join(f"{label}: {text}" for label, text in content.facts))
    if content.foot:
        blocks += [f"Why it matters: {content.why}"] if content.why else []
        blocks.append(f"What to do next: {content.next}")
    else:
        blocks += [content.why] if content.why else []
        blocks.append(content.next)
    blocks += [f"{label}:\n{url}" for label, url in filter(None, (content.button, content.take))]
    if besides.items:
        lines = [line for item in besides.items for line in _lines(item)]
        blocks.append("\n".join(["What waited until now:", *lines, *([f"  {besides.more}"] if besides.more else [])]))
    blocks.append(_end(content.foot, content.fewer, content.from_))
    return "\n\n".join(blocks) + "\n"


def digest(content: Digest) -> str:
    """Return the text of a digest."""
    blocks = [content.title, f"Hello {content.person},", content.opening]
    for group in content.groups:
        lines = [group.name, "-" * min(len(group.name), 60)]
        for item in group.items:
            lines += _lines(item)
        lines += [f"  {group.link}"] if group.link else []
        blocks.append("\n".join(lines))
    if content.more:
        blocks.append(content.more)
    blocks.append(_end((), content.fewer, "Amicable"))
    return "\n\n".join(blocks) + "\n"


def _lines(item: Item) -> list[str]:
    return [
        f"  - {f'{item.urgency.upper()}: ' if item.is_urgent else ''}{item.headline}",
        *([f"    Next: {item.next_step}"] if item.next_step else []),
        *(f"    {note}" for note in item.notes),
        *([f"    Take it in hand: {item.take}"] if item.take else []),
    ]


def _items(texts: tuple[str, ...]) -> list[str]:
    return [f"  - {text}" for text in texts]


def _end(foot: tuple[str, ...], fewer: str | None, from_: str) -> str:
    choice = [f"Get fewer of these:\n{fewer}"] if fewer else []
    return "\n".join([*foot, *choice, from_])
