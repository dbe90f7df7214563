"""Names of objects within the paths of requests."""

from urllib.parse import quote


def part(name: str) -> str:
    """Return a name as one part of a path, whatever is in it: a slash of its own ends nothing."""
    return quote(name, safe="")
