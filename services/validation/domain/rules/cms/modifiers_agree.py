"""Modifiers of a line do not contradict each other."""

from collections.abc import Iterator
from typing import Final

from services.validation.domain.rule import Failure, Result, Rule
from services.validation.domain.subject import ScrubSubject

ONE_OF: Final = (
    frozenset({"26", "TC"}),  # a component; both are the whole service, which has none
    frozenset({"59", "XE"}),
    frozenset({"59", "XP"}),
    frozenset({"59", "XS"}),
    frozenset({"59", "XU"}),
    frozenset({"76", "77"}),  # repeated by the same, or by another
    frozenset({"93", "95", "GQ", "GT"}),  # how a visit went over a line
    frozenset({"GA", "GZ"}),  # a notice was signed, or was not
    frozenset({"GX", "GZ"}),
    frozenset({"GA", "GX"}),
    frozenset({"GN", "GO", "GP"}),  # whose plan of care
    frozenset({"JW", "JZ"}),  # some was thrown away, or nothing
    frozenset({"NU", "RR", "UE"}),  # new, rented, used
    frozenset({"AA", "AD", "QK", "QX", "QY", "QZ"}),  # who gave the anesthesia
    frozenset({"P1", "P2", "P3", "P4", "P5", "P6"}),  # how ill the patient was
    frozenset({"62", "66"}),  # two surgeons, or a team
    frozenset({"73", "74"}),  # broken off before anesthesia, or after
)
"""Of each of these a line has one at most."""
_SPEAKING: Final = frozenset().union(*ONE_OF)


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield what contradicts each other on a line."""
    for line in subject.lines:
        present = _SPEAKING.intersection(line.modifier_codes)
        if len(present) > 1:
            for alternatives in ONE_OF:
                if len(both := alternatives & present) > 1:
                    yield Failure(
                        field=f"lines/{line.line_no}/modifiers", inputs=tuple(sorted(both)), line_no=line.line_no
                    )


MODIFIERS_AGREE: Final = Rule(
    id="modifiers_agree",
    version=1,
    about="A line has one modifier at most of those that contradict each other: 26 and TC, 59 and X{EPSU}, 76 and 77,"
    " the ways of telehealth, notices of noncoverage, plans of care, waste of a drug, kinds of equipment, who gave the"
    " anesthesia and how ill the patient was, two surgeons or a team, where a procedure was broken off.",
    citation="Medicare Claims Processing Manual chapters 4 (20.6.4), 5 (20.1), 12 (30, 40.8, 50), 13 (20.1), 17 (40),"
    " 20 (130) and 30 (50); MLN Matters MM8863",
    source="Medicare Claims Processing Manual; HCPCS Level II modifiers",
    severity="error",
    owner="coder",
    mend="Keep the one that is true.",
    check=check,
    applies=lambda subject: any(len(line.modifiers) > 1 for line in subject.lines),
)
