"""How values become HTML: everything is escaped, money is dollars, a state is a word with a shape of its own."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from apps.simulator.case import State

_HERE: Final = Path(__file__).parent
SHAPES: Final = {
    State.PAID: "●",
    State.DENIED: "■",
    State.REJECTED: "▲",
    State.WAITING: "○",
    State.PENDED: "◆",
    State.VOIDED: "✕",
    "reversed": "◄",
}
"""A mark for each state, so that colour is never all that tells them apart."""
STYLE: Final = (_HERE / "page.css").read_bytes()


def dollars(cents: int) -> str:
    """Return an amount as people read it: `$1,234.50`, and `-$0.05` below nothing."""
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}${whole:,}.{rest:02d}"


def moment(at: datetime, zone: str) -> str:
    """Return an instant as a clock at that place shows it."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= {"dollars": dollars, "moment": moment}
    made.globals |= {"shapes": SHAPES, "states": list(State)}
    return made


_ENVIRONMENT: Final = _environment()


def render(template: str, values: Mapping[str, Any]) -> str:
    """Return a page."""
    return _ENVIRONMENT.get_template(template).render(values)
