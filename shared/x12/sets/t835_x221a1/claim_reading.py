"""The claims and lines of an 835 (2100, 2110): the part of its reader that everything depends on for speed.

Owns: one loop of segments in, one claim with its lines out. Most segments of a remittance are one of a few, which are
told apart first; the others wait in a table. Refuses: the payment, which is `reading.py`.
"""

from collections.abc import Callable
from datetime import date
from typing import Final

from shared.kernel.errors import Malformed
from shared.x12.adjustment import Adjustment, read_adjustments
from shared.x12.elements import cents, day, quantity, quantity_or_none
from shared.x12.figures import (
    InpatientAdjudication,
    OutpatientAdjudication,
    read_summary,
)
from shared.x12.loops import Loop
from shared.x12.making import in_order, maker
from shared.x12.malformed import MalformedX12
from shared.x12.segments import Contact, Reference, read_contact
from shared.x12.separators import Separators
from shared.x12.sets.t835_x221a1.remittance import (
    RemittanceClaim,
    RemittanceLine,
    RemittanceParty,
    SupplementalAmount,
    SupplementalQuantity,
)

PADDING: Final = 26  # elements of the longest segment, and some behind
_BLANKS: Final = [""] * PADDING
_SVC_ELEMENTS: Final = 8
_CLP_ELEMENTS: Final = 14
_ONE_REASON: Final = 4  # elements of a CAS with one reason and no quantity
_MODIFIERS: Final = slice(2, 6)
_PLAIN: Final = 2  # components of a procedure without modifiers
_DESCRIPTION: Final = 6
_DAYS: Final = frozenset({"472", "150", "151", "232", "233", "050", "036"})

_adjustment = maker(Adjustment)
_amount = maker(SupplementalAmount)
_claim = in_order(RemittanceClaim)
_line = in_order(RemittanceLine)
_party = in_order(RemittanceParty)
_reference = maker(Reference)


class _Details:
    """What stands behind a CLP or an SVC. **Shape**: `more` is None where none of the rarer segments is there."""

    __slots__ = ("adjustments", "amounts", "days", "end", "more", "number")

    def __init__(self) -> None:
        self.adjustments: list[Adjustment] = []
        self.amounts: list[SupplementalAmount] = []
        self.days: dict[str, date] = {}
        self.number = ""
        self.more: _More | None = None
        self.end = 0


class _More:
    """What stands behind few of them; lists, for one claim may name a hundred thousand numbers."""

    __slots__ = (
        "contacts", "inpatient", "other_remarks", "outpatient", "parties", "quantities", "references", "remarks",
    )  # fmt: skip

    def __init__(self) -> None:
        self.contacts: list[Contact] = []
        self.inpatient: InpatientAdjudication | None = None
        self.other_remarks: list[tuple[str, str]] = []
        self.outpatient: OutpatientAdjudication | None = None
        self.parties: list[RemittanceParty] = []
        self.quantities: list[SupplementalQuantity] = []
        self.references: list[Reference] = []
        self.remarks: list[str] = []


_NOTHING: Final = _More()


class ClaimReader:
    """Reads the claims of one set."""

    __slots__ = ("_component", "_element")

    def __init__(self, separators: Separators) -> None:
        self._element = separators.element
        self._component = separators.component

    def read(self, loop: Loop, group_number: str) -> RemittanceClaim:
        """Return the claim that a loop is. **Errors**: `UnreadableSegment`."""
        raw = loop.raw
        end = len(raw)
        head = self._details(loop, 1)
        lines = []
        begin = head.end
        try:
            while begin < end:
                details = self._details(loop, begin + 1)
                lines.append(self._read_line(raw[begin : details.end], details))
                begin = details.end
            begin = 0
            return self._read_claim(raw, head, tuple(lines), group_number)
        except MalformedX12:
            raise
        except Malformed as error:
            raise loop.unreadable(begin, str(error)) from None

    def _details(self, loop: Loop, at: int) -> _Details:  # noqa: C901 (a branch a segment, as calls would cost a tenth)
        """Return what stands from a place on up to the next service line."""
        details, raw, element = _Details(), loop.raw, self._element
        try:
            while at < len(raw):
                e = raw[at].split(element)
                tag = e[0]
                if tag == "CAS":
                    if len(e) == _ONE_REASON:
                        found = _adjustment(group=e[1], reason=e[2], amount_cents=cents(e[3]), quantity=None)
                        details.adjustments.append(found)
                    else:
                        details.adjustments += read_adjustments(e + _BLANKS)
                elif tag == "DTM":
                    if e[1] in _DAYS:
                        details.days[e[1]] = day(e[2])
                elif tag == "REF" and e[1] == "6R" and not details.number:
                    details.number = e[2]
                elif tag == "AMT":
                    details.amounts.append(_amount(qualifier=e[1], amount_cents=cents(e[2])))
                elif tag == "SVC":
                    break
                elif tag in _STEPS:
                    details.more = details.more or _More()
                    _STEPS[tag](details.more, e + _BLANKS)
                at += 1
        except (Malformed, IndexError) as error:
            rule = str(error) if isinstance(error, Malformed) else "a segment has fewer elements than it must have"
            raise loop.unreadable(at, rule) from None
        details.end = at
        return details

    def _read_line(self, raw: tuple[str, ...], details: _Details) -> RemittanceLine:
        e = raw[0].split(self._element)
        if len(e) < _SVC_ELEMENTS:
            e += _BLANKS
        code = e[1].split(self._component)
        submitted = (e[6] + self._component * 6).split(self._component) if e[6] else _BLANKS
        days, more = details.days, details.more or _NOTHING
        on = days.get("472")
        return _line(  # in the order of the fields
            code[1] if len(code) > 1 else "",
            cents(e[2]),
            cents(e[3]) if e[3] else 0,
            tuple(details.adjustments),
            tuple(filter(None, code[_MODIFIERS])) if len(code) > _PLAIN else (),
            code[0],
            e[4],
            quantity(e[5]) if e[5] else None,
            submitted[1],
            tuple(filter(None, submitted[_MODIFIERS])) if e[6] else (),
            submitted[0],
            submitted[_DESCRIPTION],
            quantity(e[7]) if e[7] else None,
            on or days.get("150"),
            on or days.get("151") or days.get("150"),
            details.number,
            tuple(more.references),
            tuple(details.amounts),
            tuple(more.quantities),
            tuple(more.remarks),
            tuple(more.other_remarks),
            raw,
        )

    def _read_claim(
        self, raw: tuple[str, ...], head: _Details, lines: tuple[RemittanceLine, ...], group_number: str
    ) -> RemittanceClaim:
        e = raw[0].split(self._element)
        if len(e) < _CLP_ELEMENTS:
            e += _BLANKS
        days, more = head.days, head.more or _NOTHING
        # A 6R belongs to a line; where it does not, it is one reference among others.
        stray = (_reference(qualifier="6R", number=head.number),) if head.number else ()
        return _claim(  # in the order of the fields
            e[1],
            e[2],
            cents(e[3]),
            cents(e[4]),
            cents(e[5]) if e[5] else 0,
            e[6],
            e[7],
            e[8],
            e[9],
            e[11],
            quantity_or_none(e[12]),
            quantity_or_none(e[13]),
            group_number,
            tuple(head.adjustments),
            tuple(more.parties),
            more.inpatient,
            more.outpatient,
            (*more.references, *stray),
            days.get("232"),
            days.get("233") or days.get("232"),
            days.get("050"),
            days.get("036"),
            tuple(more.contacts),
            tuple(head.amounts),
            tuple(more.quantities),
            lines,
            raw,
        )


def _read_ref(more: _More, e: list[str]) -> None:
    more.references.append(_reference(qualifier=e[1], number=e[2]))


def _read_nm1(more: _More, e: list[str]) -> None:
    if e[1] == "QC" and not (e[3] or e[4] or e[9]):
        return  # a payer may leave the patient unnamed, and must write the segment all the same
    found = _party(  # in the order of the fields
        e[1],
        e[2],
        e[3],
        e[4],
        e[5],
        e[7],
        e[8],
        e[9],
    )
    more.parties.append(found)


def _read_lq(more: _More, e: list[str]) -> None:
    if e[1] in {"HE", ""}:
        more.remarks.append(e[2])
    else:
        more.other_remarks.append((e[1], e[2]))


def _read_qty(more: _More, e: list[str]) -> None:
    more.quantities.append(SupplementalQuantity(qualifier=e[1], quantity=quantity(e[2])))


def _read_mia(more: _More, e: list[str]) -> None:
    more.inpatient = read_summary(InpatientAdjudication, e)


def _read_moa(more: _More, e: list[str]) -> None:
    more.outpatient = read_summary(OutpatientAdjudication, e)


def _read_per(more: _More, e: list[str]) -> None:
    more.contacts.append(read_contact(e))


_STEPS: Final[dict[str, Callable[[_More, list[str]], None]]] = {
    "NM1": _read_nm1,
    "REF": _read_ref,
    "LQ": _read_lq,
    "QTY": _read_qty,
    "MIA": _read_mia,
    "MOA": _read_moa,
    "PER": _read_per,
}
