"""A modifier that changes the payment is one that the fee schedule knows for the procedure."""

from collections.abc import Callable, Iterator
from typing import Final

from services.validation.domain.rule import Failure, Result, Rule, not_loaded
from services.validation.domain.subject import Line, ScrubSubject
from shared.codesets.edition import TableNotLoaded, UnknownCode
from shared.codesets.mpfs import Indicators

_HELPS: Final = ("80", "81", "82", "AS")
Says = tuple[str, Callable[[Indicators], str], str]
ASKED: Final[dict[str, Says]] = {
    "50": ("bilateral", lambda says: says.bilateral, "029"),
    "26": ("components", lambda says: says.components, "02345789"),
    "TC": ("components", lambda says: says.components, "023456789"),
    "62": ("co-surgeons", lambda says: says.co_surgeons, "09"),
    "66": ("team", lambda says: says.team, "09"),
    **{modifier: ("assistant", lambda says: says.assistant, "19") for modifier in _HELPS},
}
"""By modifier: the indicator that is asked, and with which values of it the modifier is not taken."""


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield each modifier that its procedure does not take; then the procedures that no table was there for."""
    gaps: dict[TableNotLoaded, list[str]] = {}
    for line in subject.lines:
        asked = _asked(line)
        if not asked or line.values is None or isinstance(line.values, UnknownCode):
            continue
        if isinstance(line.values, TableNotLoaded):
            gaps.setdefault(line.values, []).append(line.procedure.code)
            continue
        for modifier in asked:
            name, indicator_of, refused = ASKED[modifier]
            if (indicator := indicator_of(line.values.indicators)) in refused:
                yield Failure(
                    field=f"lines/{line.line_no}/modifiers",
                    inputs=(line.procedure.code, modifier, str(line.service_from_on), f"{name} {indicator}"),
                    line_no=line.line_no,
                    edition=line.values.edition.name,
                    severity="error" if subject.bills_medicare else "warning",
                )
    for gap, codes in gaps.items():
        yield not_loaded(gap, field="lines", inputs=tuple(dict.fromkeys(codes)))


def _asked(line: Line) -> list[str]:
    return [modifier for modifier in line.modifier_codes if modifier in ASKED]


MODIFIER_OF_SCHEDULE: Final = Rule(
    id="modifier_of_schedule",
    version=1,
    about="Modifiers 50, 26, TC, 62, 66, 80, 81, 82 and AS stand on procedures whose indicators in the fee schedule"
    " take them: an error on a claim to Medicare, elsewhere a warning. A code that the schedule lacks passes.",
    citation="Medicare Claims Processing Manual chapter 12, sections 20.4.3, 40.7 and 40.8; chapter 23, addendum",
    source="Physician fee schedule relative value file, quarterly: indicators PC/TC, BILAT, ASST, CO-SURG and TEAM",
    severity="error",
    owner="coder",
    mend="Drop the modifier, or use the code for what was done.",
    check=check,
    applies=lambda subject: any(_asked(line) for line in subject.lines if line.modifiers),
)
