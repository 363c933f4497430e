"""Links that the customer holds: which can be taken back, and what a form calls them."""

from services.console.page.acting.form import About


def good_links(about: About) -> list[str]:
    """Return the links that open something now."""
    return [one.link_id for one in about.links if one.is_good(about.write.now)]


def link_title(about: About, item: str) -> str:
    """Return what a form about a link is called."""
    held = next((one for one in about.links if one.link_id == item), None)
    return f"Take back the link of {about.people.name(held.contact_id)}" if held else "Take back the link"
