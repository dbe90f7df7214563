"""How values become HTML: everything is escaped, money is dollars, a status is a word with a colour and a shape.

Owns: the templates' filters, and the one table of status words. Refuses: anything about a request (`desk.py`).
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from apps.console.answers import meaning
from shared.clients.paths import part
from shared.kernel.dates import local_day
from shared.kernel.money import dollars
from shared.runtime.templates import templates_in

_HERE: Final = Path(__file__).parent
NOTHING: Final = Markup("\N{EN DASH}")
"""What stands where there is no value."""
STATIC: Final = _HERE / "static"
_SPARK_WIDTH: Final = 96
_SPARK_HEIGHT: Final = 20


class Look(NamedTuple):
    """How a status looks: a colour of the style sheet, and a shape, so that colour is never all that tells."""

    colour: str
    shape: str


DONE: Final = Look("done", "●")
MOVING: Final = Look("moving", "◐")
WAITING: Final = Look("waiting", "○")
STOPPED: Final = Look("stopped", "■")
LATE: Final = Look("late", "▲")
ENDED: Final = Look("ended", "✕")
LOOKS: Final[Mapping[str, Look]] = {
    # submission
    "assembled": WAITING,
    "held": STOPPED,
    "queued": MOVING,
    "failed": LATE,
    "submitted": MOVING,
    "acknowledged": MOVING,
    "accepted-by-clearinghouse": MOVING,
    "accepted-by-payer": DONE,
    "rejected": LATE,
    # adjudication, money, who owes
    "none": WAITING,
    "paid": DONE,
    "partially-paid": MOVING,
    "denied": STOPPED,
    "unpaid": WAITING,
    "primary-payer": WAITING,
    "secondary-payer": WAITING,
    "tertiary-payer": WAITING,
    "patient": MOVING,
    "zero-balance": DONE,
    # coding, scrubs, encounters
    "open": WAITING,
    "documented": WAITING,
    "waiting-for-coder": WAITING,
    "coded": DONE,
    "refused": STOPPED,
    "validated": DONE,
    "waiting": WAITING,
    "claim": DONE,
    "self-pay": MOVING,
    # remittances, files
    "received": MOVING,
    "posted": DONE,
    "quarantined": STOPPED,
    "duplicate": ENDED,
    "unmatched": LATE,
    "unreadable": STOPPED,
    "attempted": MOVING,
    "failed-for-good": STOPPED,
    "unknown": LATE,
    "transmitted": DONE,
    # findings
    "error": STOPPED,
    "warning": LATE,
    "advice": WAITING,
    "overridden": ENDED,
    # services and operations
    "ready": DONE,
    "not-ready": STOPPED,
    "stopped": STOPPED,
    "silent": STOPPED,
    "running": MOVING,
    "succeeded": DONE,
    "cancelled": ENDED,
    "late": LATE,
    "ending": ENDED,
    # effects and read models
    "acting": DONE,
    "whole": DONE,
    "behind": MOVING,
    "rebuilding": MOVING,
    "broken": STOPPED,
    # proofs
    "proved": DONE,
    "proved-in-part": LATE,
    "never-proved": WAITING,
}


def money(cents: int | None) -> str:
    """Return an amount in dollars, a dash where there is none."""
    return NOTHING if cents is None else dollars(cents)


def as_instant(value: datetime | str) -> datetime:
    """Return an instant that a service wrote as text."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


@pass_context
def moment(context: Context, value: datetime | str | None) -> Markup:
    """Return an instant in the viewer's zone, with the exact one on hover; of this year, without its number."""
    if not value:
        return NOTHING
    here = as_instant(value).astimezone(ZoneInfo(context["zone"]))
    year = "" if here.year == context["today"].year else f" {here.year}"
    return _time(here, f"{here:%b} {here.day},{year} {here:%H:%M}")


@pass_context
def clock(context: Context, value: datetime) -> Markup:
    """Return the time of day of an instant in the viewer's zone, with the exact one on hover."""
    here = value.astimezone(ZoneInfo(context["zone"]))
    return _time(here, f"{here:%H:%M}")


@pass_context
def local_date(context: Context, value: datetime) -> date:
    """Return the day of an instant in the viewer's zone."""
    return local_day(value, context["zone"])


def _time(at: datetime, shown: str) -> Markup:
    exact = at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return Markup('<time datetime="{0}" title="{0}">{1}</time>').format(exact, shown)


def day(value: date | str | None) -> Markup:
    """Return a calendar day."""
    if not value:
        return NOTHING
    on = value if isinstance(value, date) else date.fromisoformat(value)
    return Markup('<time datetime="{0}">{1:%b} {1.day}, {1:%Y}</time>').format(on.isoformat(), on)


@pass_context
def days_left(context: Context, value: date | str | None) -> Markup:
    """Return a deadline with what is left until then, late where it is behind us."""
    if not value:
        return NOTHING
    on = value if isinstance(value, date) else date.fromisoformat(value)
    left: int = (on - context["today"]).days
    if left < 0:
        return Markup('<span class="status late">▲ {} late</span> {}').format(_days(-left), day(on))
    words = "today" if left == 0 else f"in {_days(left)}"
    return Markup('<span class="quiet">{}</span> {}').format(words, day(on))


def _days(number: int) -> str:
    return f"{number} day{'' if number == 1 else 's'}"


def status(word: str | None) -> Markup:
    """Return a status: its shape and its word in its colour."""
    if not word:
        return NOTHING
    look = LOOKS.get(word, WAITING)
    return Markup('<span class="status {}"><span aria-hidden="true">{}</span> {}</span>').format(*look, words(word))


def words(name: str | None) -> str:
    """Return a slug or the name of a fact in words: `filing-deadline`, `ClaimHeld`, `no_data`."""
    if not name:
        return NOTHING
    spaced = "".join(f" {each.lower()}" if each.isupper() and n else each for n, each in enumerate(name))
    return spaced.replace("-", " ").replace("_", " ").strip()


def list_name(name: str) -> str:
    """Return what a worklist is called: findings are named by whose turn they are."""
    return words(name.replace("findings-", "findings-for-"))


def dotted(code: str) -> str:
    """Return a diagnosis as books print it: J45.909."""
    return f"{code[:3]}.{code[3:]}" if len(code) > 3 else code  # noqa: PLR2004 (a category has three characters)


def person_name(name: Mapping[str, Any] | None) -> str:
    """Return what somebody is called, family first; erased values are said to be so."""
    if not name:
        return "name erased"
    return ", ".join(
        filter(None, (name.get("family"), " ".join(filter(None, (name.get("given"), name.get("middle"))))))
    )


ACCOUNTS: Final[Mapping[str, str]] = {
    "ar_payer": "Owed by the payer",
    "ar_patient": "Owed by the patient",
    "ar_denied": "Denied, not settled",
    "charges": "Charges",
    "contractual": "Written off by contract",
    "remittance_clearing": "Paid, in clearing",
    "cash": "Cash",
    "unapplied": "Paid, claim not known",
    "provider_adjustments": "Adjustments of the provider",
    "other_adjustments": "Adjusted by earlier payers",
}
"""What the accounts of the ledger are called; one that is not here is shown as it is written."""


def account(name: str) -> str:
    """Return what an account of the ledger is called."""
    return ACCOUNTS.get(name) or words(name)


def data(value: object) -> Markup:
    """Return a value for a script to read, in an element that is no script."""
    return Markup(json.dumps(value).replace("<", "\\u003c"))  # noqa: S704 (no tag can begin in it)


def spark(values: Sequence[float], about: str) -> Markup:
    """Return a small line of values, the oldest first, from nothing to the highest; what it is about is read aloud."""
    highest = max(*values, 1.0)
    step = _SPARK_WIDTH / max(len(values) - 1, 1)
    points = (
        f"{n * step:.1f} {_SPARK_HEIGHT - 1 - (_SPARK_HEIGHT - 2) * value / highest:.1f}"
        for n, value in enumerate(values)
    )
    return Markup(
        '<svg class="spark small" viewBox="0 0 {0} {1}" width="{0}" height="{1}" role="img" aria-label="{2}">'
        '<path d="M{3}"/></svg>'
    ).format(_SPARK_WIDTH, _SPARK_HEIGHT, about, " L".join(points))


def static(name: str) -> str:
    """Return the address of a file of ours; another content, another address."""
    return f"/static/{name}?{_VERSIONS[name]}"


def path_part(value: object) -> str:
    """Return a value as one part of a path."""
    return part(str(value))


_VERSIONS: Final = {
    str(path.relative_to(STATIC)): sha256(path.read_bytes()).hexdigest()[:12]
    for path in sorted(STATIC.rglob("*"))
    if path.is_file()
}


def _environment() -> Environment:
    made = templates_in(_HERE / "templates")
    made.filters |= {
        "dollars": money,
        "moment": moment,
        "clock": clock,
        "local_date": local_date,
        "meaning": meaning,
        "list_name": list_name,
        "day": day,
        "days_left": days_left,
        "status": status,
        "words": words,
        "dotted": dotted,
        "person_name": person_name,
        "account": account,
        "data": data,
        "spark": spark,
        "part": path_part,
    }
    made.globals |= {"static": static}
    return made


_ENVIRONMENT: Final = _environment()


def render(template: str, values: Mapping[str, Any]) -> str:
    """Return a page."""
    return _ENVIRONMENT.get_template(template).render(values)
