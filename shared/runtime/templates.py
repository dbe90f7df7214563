"""Templates of pages: everything in them is escaped, and a value that nobody gave is an error, not an empty place.

Owns: how templates are read. Refuses: filters and pages, which each program has of its own.
"""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined


def templates_in(folder: Path) -> Environment:
    """Return what reads the templates of a folder, to which a program adds its filters."""
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
