"""835: the three sums and what payers get wrong beyond them.

Owns: levels 3 and 4 of the remittance guide, and payments that come twice. One claim is remembered at a time.
**Source**: RFI 2348 and 2601 (line, claim), 427 and 1756 (payment), 319 (patient's share), 1604 and 2051 (negative).
"""

from dataclasses import dataclass
from typing import Final

from shared.x12.checks.duplicates import Seen
from shared.x12.checks.finding import Tell
from shared.x12.checks.placing import Placed
from shared.x12.checks.situation import adjusted, amount_at, at, dollars
from shared.x12.tokens import Segment

_REVERSAL: Final = "22"
_PAID: Final = frozenset({"1", "2", "3", "19", "20", "21"})
_TRANSFERS: Final = frozenset({"ACH", "BOP", "FWT"})
_PROFESSIONAL_PLACES: Final = frozenset({"02", "10", "20", "49", "50", "99"})
"""CLP08 that are a place of service and no type of bill: a hospital's claim may lack lines."""


@dataclass(slots=True, eq=False)
class _Claim:
    """What is remembered of a claim. **Units**: cents."""

    clp: Segment
    charge_cents: int
    paid_cents: int
    adjusted_cents: int = 0
    patient_cents: int = 0
    lines: int = 0


@dataclass(slots=True, eq=False)
class _Line:
    """What is remembered of a line. **Units**: cents."""

    svc: Segment
    charge_cents: int
    paid_cents: int
    adjusted_cents: int = 0


class Remittances:
    """The rules of an 835. **Shape**: `payments` are those of the whole file, shared by its sets."""

    __slots__ = (
        "_bpr",
        "_claim",
        "_claims_cents",
        "_corrected",
        "_interest",
        "_interest_cents",
        "_line",
        "_payments",
        "_provider_cents",
        "_tell",
    )

    def __init__(self, tell: Tell, payments: Seen) -> None:
        self._tell, self._payments = tell, payments
        self._bpr: Segment | None = None
        self._claim: _Claim | None = None
        self._line: _Line | None = None
        self._claims_cents = self._provider_cents = self._interest_cents = 0
        self._interest: tuple[Segment, int] | None = None
        self._corrected = Seen(tell, "4-correction-first", element="02", loop="2100")

    def take(self, placed: Placed) -> None:
        """Look at a segment in its place."""
        segment = placed.segment
        match segment.elements[0]:
            case "BPR":
                self._payment(segment)
            case "TRN" if self._bpr is not None:
                self._once(segment)
            case "CLP":
                self._judge_claim()
                self._begin(segment)
            case "SVC" if self._claim is not None:
                self._judge_line()
                self._claim.lines += 1
                self._line = _Line(segment, amount_at(segment, 2), amount_at(segment, 3))
            case "CAS":
                self._adjust(segment)
            case "AMT" if at(segment, 1) == "I":
                self._interest_cents += amount_at(segment, 2)
            case "PLB":
                self._judge_claim()
                self._provider(segment)
            case _:
                pass

    def end(self, segment: Segment) -> None:
        """Judge the last claim and the payment."""
        del segment
        self._judge_claim()
        if self._bpr is None:
            return
        difference = amount_at(self._bpr, 2) - (self._claims_cents - self._provider_cents)
        if difference:
            self._tell("3-payment", self._bpr, element="02", loop="835", detail=dollars(difference))
        if self._interest is not None and self._interest_cents and self._interest[1] != -self._interest_cents:
            detail = dollars(self._interest[1] + self._interest_cents)
            self._tell("4-interest", self._interest[0], loop="835", detail=detail)

    def _payment(self, bpr: Segment) -> None:
        self._bpr = bpr
        if amount_at(bpr, 2) < 0:
            self._tell("3-negative-payment", bpr, element="02", loop="835")
        if at(bpr, 4) in _TRANSFERS:
            for element in (6, 7, 8, 9, 10, 12, 13, 14, 15):
                if not at(bpr, element):
                    self._tell("4-transfer", bpr, element=f"{element:02d}", loop="835")
                    break

    def _once(self, trace: Segment) -> None:
        assert self._bpr is not None  # noqa: S101 (told to the type checker; the caller looks)
        paid = (at(self._bpr, 2), at(self._bpr, 10), at(self._bpr, 16))
        self._payments.once("\x1f".join((at(trace, 2), at(trace, 3), *paid)), trace)

    def _begin(self, clp: Segment) -> None:
        if at(clp, 2) == _REVERSAL:
            self._corrected.told(at(clp, 1), clp)
        else:
            self._corrected.remember(at(clp, 1), clp)
        self._claim = _Claim(clp, amount_at(clp, 3), amount_at(clp, 4))
        self._claims_cents += amount_at(clp, 4)

    def _adjust(self, cas: Segment) -> None:
        amount = adjusted(cas)
        if self._line is not None:
            self._line.adjusted_cents += amount
        if self._claim is not None:
            self._claim.adjusted_cents += amount
            self._claim.patient_cents += adjusted(cas, "PR")

    def _provider(self, plb: Segment) -> None:
        for element in range(4, len(plb.elements), 2):
            amount = amount_at(plb, element)
            self._provider_cents += amount
            if at(plb, element - 1).startswith("L6"):
                before = self._interest[1] if self._interest is not None else 0
                self._interest = (plb, before + amount)

    def _judge_line(self) -> None:
        line, self._line = self._line, None
        if line is None:
            return
        difference = line.paid_cents - (line.charge_cents - line.adjusted_cents)
        if difference:
            self._tell("3-line", line.svc, element="03", loop="2110", detail=dollars(difference))

    def _judge_claim(self) -> None:
        self._judge_line()
        claim, self._claim = self._claim, None
        if claim is None:
            return
        clp, status = claim.clp, at(claim.clp, 2)
        difference = claim.paid_cents - (claim.charge_cents - claim.adjusted_cents)
        if difference:
            self._tell("3-claim", clp, element="04", loop="2100", detail=dollars(difference))
        share = amount_at(clp, 5) - claim.patient_cents
        if share and status != _REVERSAL:
            self._tell("3-patient-share", clp, element="05", loop="2100", detail=dollars(share))
        if not claim.lines and status in _PAID and claim.paid_cents and at(clp, 8) in _PROFESSIONAL_PLACES:
            self._tell("4-professional-lines", clp, loop="2100")
