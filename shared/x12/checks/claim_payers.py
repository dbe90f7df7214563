"""837: what a claim says of its payers, the one it goes to and the others, and whether their sums hold.

**Source**: 837 guides on coordination of benefits; RFI 1294, 1115, 524, 1555. AMT*B6 and AAE never count.
"""

from dataclasses import dataclass, field
from typing import Final

from shared.x12.checks.finding import Tell
from shared.x12.checks.placing import Placed
from shared.x12.checks.situation import adjusted, amount_at, at, dollars
from shared.x12.tokens import Segment

_ORDER: Final = ("P", "S", "T", "A", "B", "C", "D", "E", "F", "G", "H")
"""SBR01 of payers in the order in which they are asked."""
_UNORDERED: Final = "U"  # whose place nobody knows


@dataclass(slots=True, eq=False)
class _Other:
    """Another payer of the claim (2320). **Units**: cents; `line_cents` what its 2430 loops paid and adjusted."""

    sbr: Segment
    paid: Segment | None = None
    remaining: Segment | None = None
    is_covering: bool = True
    adjusted_cents: int = 0
    line_paid_cents: int = 0
    line_adjusted_cents: int = 0
    decided: Segment | None = None
    lines: int = 0
    lines_decided: Segment | None = None
    lines_remain: bool = False


@dataclass(slots=True, eq=False)
class _Line:
    """A line of the claim, and what payers decided on it: paid and adjusted. **Units**: cents."""

    charge_cents: int
    decided: dict[str, int] = field(default_factory=dict)
    first: dict[str, Segment] = field(default_factory=dict)


class Payers:
    """The payers of the claim that is being read."""

    __slots__ = ("_by_id", "_clm", "_line", "_others", "_payer_id", "_sbr", "_tell")

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._clm: Segment | None = None
        self._sbr: Segment | None = None
        self._others: list[_Other] = []
        self._by_id: dict[str, _Other] = {}
        self._line: _Line | None = None
        self._payer_id = ""

    def begin(self, clm: Segment, sbr: Segment | None) -> None:
        """Begin with a claim, and with the SBR of its subscriber."""
        self._clm, self._sbr = clm, sbr
        self._others, self._by_id, self._line = [], {}, None

    def line(self, charge_cents: int) -> None:
        """Begin with a line."""
        self._judge_line()
        self._line, self._payer_id = _Line(charge_cents), ""

    def take(self, placed: Placed) -> None:
        """Look at a segment of a claim."""
        segment = placed.segment
        match placed.loop, segment.elements[0]:
            case "2320", "SBR":
                self._others.append(_Other(segment))
            case "2320", "CAS" if self._others:
                self._others[-1].adjusted_cents += adjusted(segment)
            case "2320", "AMT" if self._others and at(segment, 1) == "D":
                self._others[-1].paid = segment
            case "2320", "AMT" if self._others and at(segment, 1) == "EAF":
                self._others[-1].remaining = segment
            case "2320", "AMT" if self._others and at(segment, 1) == "A8":
                self._others[-1].is_covering = False
            case "2330B", "NM1" if self._others:
                self._named(segment)
            case "2330B", "DTP" if self._others and at(segment, 1) == "573":
                self._others[-1].decided = segment
            case "2430", name if self._line is not None:
                self._of_line(self._line, name, segment)
            case _:
                pass

    def _named(self, name: Segment) -> None:
        """Take the id of a payer: by it lines say who decided on them, so that of two nobody knows which is meant."""
        payer_id = at(name, 9)
        if payer_id and payer_id in self._by_id:
            self._tell("4-payer-twice", name, element="09", loop="2330B")
        elif payer_id:
            self._by_id[payer_id] = self._others[-1]

    def _of_line(self, line: _Line, name: str, segment: Segment) -> None:
        if name == "SVD":
            self._decided(line, segment)
        if self._payer_id not in line.decided:
            return
        other = self._by_id.get(self._payer_id)
        if name == "CAS":
            line.decided[self._payer_id] += adjusted(segment)
            if other is not None:
                other.line_adjusted_cents += adjusted(segment)
        elif name == "DTP" and at(segment, 1) == "573" and other is not None:
            other.lines_decided = segment
        elif name == "AMT" and at(segment, 1) == "EAF" and other is not None:
            other.lines_remain = True

    def _decided(self, line: _Line, decision: Segment) -> None:
        payer_id, paid = at(decision, 1), amount_at(decision, 2)
        other = self._by_id.get(payer_id)
        if paid < 0:
            self._tell("4-negative-paid", decision, element="02", loop="2430")
        if other is None:
            self._tell("4-other-payer", decision, element="01", loop="2430")
        else:
            other.line_paid_cents += paid
            other.lines += 1
        line.decided[payer_id] = line.decided.get(payer_id, 0) + paid
        line.first.setdefault(payer_id, decision)
        self._payer_id = payer_id

    def judge(self) -> None:
        """Judge the claim that was read."""
        self._judge_line()
        order = at(self._sbr, 1) if self._sbr is not None else ""
        places = {order, *(at(other.sbr, 1) for other in self._others)}
        if self._sbr is not None and order not in {"", _UNORDERED} and _ORDER[0] not in places:
            self._tell("4-no-other-payer", self._sbr, element="01", loop="2000B")
        before = _ORDER[: _ORDER.index(order)] if order in _ORDER else ()
        seen = {order} - {_UNORDERED}
        for other in self._others:
            theirs = at(other.sbr, 1)
            if theirs in seen:
                self._tell("4-payer-order-twice", other.sbr, element="01", loop="2320")
            seen |= {theirs} - {_UNORDERED}
            self._judge_other(other, is_before=theirs in before)

    def _judge_line(self) -> None:
        line, self._line = self._line, None
        if line is None:
            return
        for payer_id, decided in line.decided.items():
            if decided != line.charge_cents:
                detail = dollars(decided - line.charge_cents)
                self._tell("3-other-payer-line", line.first[payer_id], element="02", loop="2430", detail=detail)

    def _judge_other(self, other: _Other, *, is_before: bool) -> None:
        if other.decided is not None and other.lines_decided is not None:
            self._tell("4-decided-on-twice", other.decided, loop="2330B")
        has_decided = other.paid is not None or other.lines or other.adjusted_cents
        if is_before and other.is_covering and not has_decided:
            self._tell("4-not-decided", other.sbr, element="01", loop="2320")
        if has_decided and other.decided is None and other.lines_decided is None:
            self._tell("4-decided-on-missing", other.paid or other.sbr, loop="2320")
        if other.remaining is not None and other.lines_remain:
            self._tell("4-remaining-twice", other.remaining, loop="2320")
        if other.paid is None or self._clm is None:
            return
        paid = amount_at(other.paid, 2)
        rest = amount_at(self._clm, 2) - other.adjusted_cents - other.line_adjusted_cents
        expected = other.line_paid_cents - other.adjusted_cents if other.lines else rest
        sum_of = next((sum_of for sum_of in (expected, rest) if paid != sum_of), paid)
        if paid != sum_of:
            detail = dollars(paid - sum_of)
            self._tell("3-other-payer-claim", other.paid, element="02", loop="2320", detail=detail)
