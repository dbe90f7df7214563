"""The payers' own book: what was charged, and what became of each cent of it; the far side of every comparison.

Owns: an entry for each decision on a claim, each reversal of one, each check and each rejection. Only appended to, so
that the sums of its entries are what holds now. A claim that was rejected on the way is in the book by its number only,
for no payer ever looked at its money. It grows for ever, so that what a check says of claims lies in the attic.
**Units**: cents everywhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Final

import msgspec

from apps.simulator.attic import Attic
from apps.simulator.remitting import originator
from apps.simulator.treasury import Check, Payment

if TYPE_CHECKING:
    from apps.simulator.case import Case


@dataclass(frozen=True, slots=True)
class BookedLine:
    """One line of a decision. **Shape**: charged is the sum of the five others."""

    line_control_number: str
    procedure: str
    charged_cents: int
    paid_cents: int
    contractual_cents: int
    patient_cents: int
    prior_cents: int
    denied_cents: int


@dataclass(frozen=True, slots=True)
class BookedClaim:
    """One decision on a claim, or its reversal with every amount negative.

    **Shape**: `status` is paid, denied or reversed; charged is the sum of the five others; `reasons` are the groups and
    CARCs of all lines, each once.
    """

    patient_control_number: str
    payer_id: str
    payer_claim_number: str
    trace_number: str
    status: str
    charged_cents: int
    paid_cents: int
    contractual_cents: int
    patient_cents: int
    prior_cents: int
    denied_cents: int
    reasons: tuple[str, ...]
    lines: tuple[BookedLine, ...]


@dataclass(frozen=True, slots=True)
class BookedEntry:
    """One amount of a check that is no claim's (PLB): positive where it makes the check smaller."""

    reason: str
    reference: str
    amount_cents: int


@dataclass(frozen=True, slots=True)
class BookedCheck:
    """One check that a payer wrote: the paid amounts of its claims, less its entries."""

    trace_number: str
    originator: str
    payer_id: str
    payee_npi: str
    claims: int
    paid_cents: int
    entries: tuple[BookedEntry, ...]


@dataclass(frozen=True, slots=True)
class BookedRejection:
    """One claim that no payer decided. **Shape**: `level` is interchange, set, clearinghouse or payer."""

    patient_control_number: str
    payer_id: str
    level: str
    status: str


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the decisions and their reversals."""

    claims: int = 0
    checks: int = 0
    rejected: int = 0
    charged_cents: int = 0
    paid_cents: int = 0
    contractual_cents: int = 0
    patient_cents: int = 0
    prior_cents: int = 0
    denied_cents: int = 0


_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(list[BookedClaim])
_SUMMED: Final = tuple(each.name for each in fields(Totals) if each.name.endswith("_cents"))


@dataclass(frozen=True, slots=True)
class BookPages:
    """The whole book, as it is answered."""

    claims: Sequence[BookedClaim]
    checks: Sequence[BookedCheck]
    rejections: Sequence[BookedRejection]
    totals: Totals


@dataclass(slots=True)
class Book:
    """The book while it is written."""

    attic: Attic = field(repr=False, compare=False)
    checks: list[BookedCheck] = field(default_factory=list)
    rejections: list[BookedRejection] = field(default_factory=list)
    _claims: list[int] = field(default_factory=list, repr=False, compare=False)
    """Where the attic has what each check says of claims; entered before the check, for pages are read in between."""

    @property
    def claims(self) -> tuple[BookedClaim, ...]:
        """Return the decisions and reversals, in order."""
        return tuple([claim for place in self._claims for claim in self._said(place)])

    def claims_of(self, check_number: int) -> Sequence[BookedClaim]:
        """Return what one check says of claims, by its number from 1 on."""
        return self._said(self._claims[check_number - 1])

    def past_of(self, payer_id: str, payer_claim_number: str) -> tuple[BookedClaim, ...]:
        """Return the decisions and reversals of one claim, in order."""
        places = [place for check, place in zip(self.checks, self._claims, strict=False) if check.payer_id == payer_id]
        claims = (claim for place in places for claim in self._said(place))
        return tuple([claim for claim in claims if claim.payer_claim_number == payer_claim_number])

    def enter(self, check: Check) -> None:
        """Append a check and what it says of claims."""
        said = [_booked(check, payment) for payment in check.payments]
        self._claims.append(self.attic.put(_ENCODER.encode(said)))
        self.checks.append(
            BookedCheck(
                trace_number=check.trace_number,
                originator=originator(check.payer),
                payer_id=check.payer.payer_id,
                payee_npi=check.payee.npi,
                claims=len(check.payments),
                paid_cents=check.paid_cents,
                entries=tuple(BookedEntry(each.reason, each.reference, each.amount_cents) for each in check.entries),
            )
        )

    def reject(self, case: "Case") -> None:
        """Append a claim that was rejected on the way."""
        self.rejections.append(BookedRejection(case.number, case.payer_id, case.level, case.status_code))

    def pages(self) -> BookPages:
        """Return the book as of now; what is entered later does not change it."""
        claims = self.claims
        sums = {name: sum([getattr(each, name) for each in claims]) for name in _SUMMED}
        counts = Totals(claims=len(claims), checks=len(self.checks), rejected=len(self.rejections))
        return BookPages(claims, tuple(self.checks), tuple(self.rejections), replace(counts, **sums))

    def _said(self, place: int) -> list[BookedClaim]:
        return _DECODER.decode(self.attic.get(place))


def _booked(check: Check, payment: Payment) -> BookedClaim:
    decided, sign = payment.decided, -1 if payment.is_reversal else 1
    lines = tuple(
        [
            BookedLine(
                each.line.line_control_number,
                each.line.procedure,
                sign * each.line.charge_cents,
                sign * each.paid_cents,
                sign * each.contractual_cents,
                sign * each.patient_cents,
                sign * each.prior_cents,
                sign * each.denied_cents,
            )
            for each in decided.lines
        ]
    )
    return BookedClaim(
        patient_control_number=decided.claim.patient_control_number,
        payer_id=check.payer.payer_id,
        payer_claim_number=payment.payer_claim_number,
        trace_number=check.trace_number,
        status="reversed" if payment.is_reversal else "denied" if decided.is_denied else "paid",
        charged_cents=sign * decided.claim.charge_cents,
        paid_cents=sum(each.paid_cents for each in lines),
        contractual_cents=sum(each.contractual_cents for each in lines),
        patient_cents=sum(each.patient_cents for each in lines),
        prior_cents=sum(each.prior_cents for each in lines),
        denied_cents=sum(each.denied_cents for each in lines),
        reasons=tuple(dict.fromkeys(f"{one.group}-{one.reason}" for each in decided.lines for one in each.adjustments)),
        lines=lines,
    )
