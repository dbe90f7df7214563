"""How values become HTML: everything is escaped, money is dollars, a state is a word with a shape of its own."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import Environment

from apps.simulator.case import State
from shared.kernel.money import dollars
from shared.runtime.templates import templates_in

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


def moment(at: datetime, zone: str) -> str:
    """Return an instant as a clock at that place shows it."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"


def _environment() -> Environment:
    made = templates_in(_HERE / "templates")
    made.filters |= {"dollars": dollars, "moment": moment}
    made.globals |= {"shapes": SHAPES, "states": list(State)}
    return made


_ENVIRONMENT: Final = _environment()


def render(template: str, values: Mapping[str, Any]) -> str:
    """Return a page."""
    return _ENVIRONMENT.get_template(template).render(values)
