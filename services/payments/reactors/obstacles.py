"""What stands in the way of a check, by what stands on its claims.

Owns: whether a check may be posted as a whole now, and which later posting may change that. Refuses: sums, which the
gate looks at (`domain/remittance_835.py`). Next: `checks.py` posts or holds.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from services.payments.domain.adjudication import ClaimPayment
from services.payments.domain.remittance import Quarantine
from services.payments.projections.billed_claims import BILLED_CLAIMS
from services.payments.projections.checks import Check
from services.payments.projections.claim_accounts import CLAIM_ACCOUNTS, Decision, original
from services.payments.projections.held_checks import waits_for_claim, waits_for_number
from services.payments.projections.submissions import SUBMISSIONS, Submission
from shared.events.registration import FilingOrder
from shared.kernel.reaction import Rows

NO_ORIGINAL: Final = "reversal-without-original"
NO_REVERSAL: Final = "correction-without-reversal"
OTHER_PAYER: Final = "secondary-not-posted-yet"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a check may not be posted now, and whose next posting may let it through."""

    reason: str
    waits_for: tuple[str, ...]

    @property
    def quarantine(self) -> Quarantine:
        """Return it as the check says it."""
        return Quarantine(level="claim", reason=self.reason)


@dataclass(slots=True)
class Standing:
    """Decisions that stand on one claim, with those that are about to be posted. **Units**: cents."""

    charge_cents: int = 0
    charged_cents: dict[FilingOrder, int] = field(default_factory=dict)

    def refuses(self, payment: ClaimPayment, order: FilingOrder) -> str | None:
        """Return why another decision may not be posted beside these, None where it is counted among them.

        Two decisions of one payer stand together only as parts of the charge: a claim may be split by its payer. Where
        they exceed it, the later one replaces the earlier, which must be taken back first. Another payer's account
        explains the whole charge a second time.
        """
        if any(other != order for other in self.charged_cents):
            return OTHER_PAYER
        if order in self.charged_cents and self.charged_cents[order] + payment.charged_cents > self.charge_cents:
            return NO_REVERSAL
        self.charged_cents[order] = self.charged_cents.get(order, 0) + payment.charged_cents
        return None


def submission_of(payment: ClaimPayment, rows: Rows) -> Submission | None:
    """Return whose control number a payment has, None where nobody has it (yet)."""
    return rows.get(SUBMISSIONS, payment.patient_control_number)


def filing_order(payment: ClaimPayment, claim_id: str, rows: Rows) -> FilingOrder:
    """Return as which payer a payment was decided: by itself, else as the claim was billed."""
    claim = rows.get(BILLED_CLAIMS, claim_id)
    return payment.filing_order or (claim.filing_order if claim else "primary")


def originals(check: Check, rows: Rows) -> Mapping[int, Decision]:
    """Return which decision each reversal of a check takes back; one that takes back none is left out."""
    found: dict[int, Decision] = {}
    taken: set[str] = set()
    for payment in check.payments:
        submission = submission_of(payment, rows) if payment.reverses else None
        decision = original(rows.get(CLAIM_ACCOUNTS, submission.claim_id), payment) if submission else None
        if decision and decision.batch_id not in taken:
            found[payment.index] = decision
            taken.add(decision.batch_id)
    return found


def standing(claim_id: str, rows: Rows, *, taken: frozenset[str] = frozenset()) -> Standing:
    """Return what stands on a claim once the batches `taken` are taken back."""
    account = rows.get(CLAIM_ACCOUNTS, claim_id)
    stands = Standing(charge_cents=account.charge_cents if account else 0)
    for decision in account.decisions if account else ():
        if not decision.is_reversed and decision.batch_id not in taken:
            before_cents = stands.charged_cents.get(decision.filing_order, 0)
            stands.charged_cents[decision.filing_order] = before_cents + decision.charged_cents
    return stands


def obstacle(check: Check, found: Mapping[int, Decision], rows: Rows) -> Obstacle | None:
    """Return what keeps a check from being posted as a whole, None where nothing does."""
    reasons = dict(_obstacles(check, found, rows))
    if not reasons:
        return None
    payments = [payment for payment in check.payments if payment.index in reasons]
    waits_for = tuple(dict.fromkeys(_waits_for(payment, rows) for payment in payments))
    return Obstacle(next(iter(reasons.values())), waits_for)


def _obstacles(check: Check, found: Mapping[int, Decision], rows: Rows) -> Iterator[tuple[int, str]]:
    taken = frozenset(decision.batch_id for decision in found.values())
    claims: dict[str, Standing] = {}
    for payment in check.payments:
        submission = submission_of(payment, rows)
        if payment.reverses:
            if payment.index not in found:
                yield payment.index, NO_ORIGINAL
        elif submission and payment.posts:
            claim_id = submission.claim_id
            stands = claims.setdefault(claim_id, standing(claim_id, rows, taken=taken))
            if reason := stands.refuses(payment, filing_order(payment, claim_id, rows)):
                yield payment.index, reason


def _waits_for(payment: ClaimPayment, rows: Rows) -> str:
    submission = submission_of(payment, rows)
    if submission is None:
        return waits_for_number(payment.patient_control_number)
    return waits_for_claim(submission.claim_id)
