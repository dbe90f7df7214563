"""How long work says how far it is, to whoever waits for it.

Owns: the shape. Refuses: showing it; `operate.py` writes lines, the command line draws a bar.
"""

from collections.abc import Callable
from typing import TypeAlias

Progress: TypeAlias = Callable[[str, int, int], None]
"""What is worked on, how much of it is done, and how much there is at the moment; in facts, rows or records."""


def silent(_what: str, _done: int, _total: int) -> None:
    """Say nothing."""
