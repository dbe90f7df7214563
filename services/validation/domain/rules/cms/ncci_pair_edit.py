"""Two services of one provider, patient and day that are not paid together do not stand together without a reason.

The one that is not paid stops the encounter in which it stands. An encounter of the other one is only told, unless a
payer has the first already: it would get the two in the wrong order.
Practitioners' edits: an encounter becomes a professional claim. The hospital's are for institutional claims, whatever
the place of service of the physician.
"""

from collections.abc import Iterator
from typing import Final

from services.validation.domain.rule import Failure, NoData, Result, Rule, not_loaded
from services.validation.domain.same_day import Pair
from services.validation.domain.subject import ScrubSubject

LIFTING: Final = frozenset(
    {"24", "25", "57", "58", "78", "79", "27", "59", "91", "XE", "XS", "XP", "XU"}
    | {"E1", "E2", "E3", "E4", "LT", "RT", "LC", "LD", "RC", "LM", "RI"}
    | {"FA", "F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9"}
    | {"TA", "T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9"}
)
"""Modifiers that say why two services stand apart; on either of the two (change request 11168)."""

_PAID: Final = {
    True: "The other encounter has the service that is not paid: drop it there; or, where the record shows that the two"
    " were distinct, add the NCCI modifier that says how to either.",
    False: "The other encounter has the service that is not paid: drop it there, no modifier lets both be paid.",
}
_SENT: Final = " A payer has that claim: correct it first."


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield each pair that is not paid together; then what could not be looked up."""
    for pair in subject.pairs:
        if not (pair.edit.may_be_lifted and _is_lifted(pair)):
            yield _failure(pair)
    codes = tuple(dict.fromkeys(service.code for service in subject.services))
    for gap in subject.pair_gaps:
        yield not_loaded(gap, field="lines", inputs=codes)
    if subject.services_cut:
        yield NoData(
            field="lines",
            inputs=("more encounters on the day than are compared",),
            mend="Compare the services of the day by hand.",
        )


def _is_lifted(pair: Pair) -> bool:
    return not LIFTING.isdisjoint((*pair.column1.modifiers, *pair.column2.modifiers))


def _failure(pair: Pair) -> Failure:
    edit, own = pair.edit, pair.own
    is_paid = own is pair.column1
    other = pair.column2 if is_paid else pair.column1
    mend = None if edit.may_be_lifted else "Bill one of the two: no modifier lets both be paid."
    return Failure(
        field=f"lines/{own.line_no}/procedure_code",
        inputs=(
            f"{pair.column1.code} pays",
            f"{pair.column2.code} does not",
            str(own.service_from_on),
            f"indicator {int(edit.may_be_lifted)}",
            f"in force {edit.days}",
            f"with {other.place}",
        ),
        line_no=own.line_no,
        edition=pair.edition,
        severity="warning" if is_paid and not other.under_way else None,
        mend=_PAID[edit.may_be_lifted] + (_SENT if other.under_way else "") if is_paid else mend,
    )


NCCI_PAIR_EDIT: Final = Rule(
    id="ncci_pair_edit",
    version=2,
    about="Services of one provider for a patient on one day, in this encounter or another, are not an NCCI pair of"
    " which the second is not paid, unless the pair may be lifted and an NCCI modifier on either says why. A warning in"
    " the encounter of the first, where the second stands in another that no payer has.",
    citation="Medicare NCCI Policy Manual, chapter I, sections A and E",
    source="NCCI procedure-to-procedure edits, practitioner services, quarterly; MLN Matters MM11168",
    severity="error",
    owner="coder",
    mend="Drop the service that is not paid; or, where the record shows that the two were distinct, add the NCCI"
    " modifier that says how.",
    check=check,
    applies=lambda subject: len(subject.services) > 1,
)
