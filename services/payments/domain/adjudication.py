"""What a payer decided about one claim, in our words: who bears each cent of the charge, and is that a denial.

Owns: `ClaimPayment`, as read from an 835, and `adjudicate`. Refuses: amounts that do not balance, which are held before
they come here (`remittance_835.py`). Next: `ledger.py` turns the shares into a posting.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Final, assert_never

from msgspec import Meta, Struct

from shared.codesets.carc_rarc import Effect, effect
from shared.events.payments import AdjudicatedLine, Adjustment, Adjustments, Lines, PaidCents
from shared.events.registration import FilingOrder
from shared.kernel.identifiers import PatientControlNumber, PayerClaimNumber

DENIED: Final = "4"
REVERSAL: Final = "22"
FORWARDED: Final = "23"
PREDETERMINATION: Final = "25"
NOTHING_POSTED: Final = frozenset({FORWARDED, PREDETERMINATION})
_FILING_ORDERS: Final[dict[str, FilingOrder]] = {
    "1": "primary",
    "19": "primary",
    "2": "secondary",
    "20": "secondary",
    "3": "tertiary",
    "21": "tertiary",
}


class ClaimPayment(Struct, frozen=True, kw_only=True):
    """One claim of a check. **Shape**: a reversal has its amounts negated, as the payer writes them."""

    index: Annotated[int, Meta(description="Place on the check, from 1.", examples=[1], ge=1)]
    patient_control_number: PatientControlNumber
    claim_status_code: Annotated[str, Meta(description="CLP02.", examples=["1"])]
    payer_claim_number: Annotated[
        PayerClaimNumber | None, Meta(description="The payer's number (CLP07).", examples=["ICN1"])
    ]
    charged_cents: Annotated[int, Meta(description="CLP03, in cents.", examples=[15000])]
    paid_cents: PaidCents
    lines: Lines
    adjustments: Adjustments

    @property
    def posts(self) -> bool:
        """Return whether it changes the ledger: a predetermination and a forwarded claim do not."""
        return self.claim_status_code not in NOTHING_POSTED

    @property
    def reverses(self) -> bool:
        """Return whether it takes an earlier decision back."""
        return self.claim_status_code == REVERSAL

    @property
    def filing_order(self) -> FilingOrder | None:
        """Return as which payer it was decided, None where its status does not say."""
        return _FILING_ORDERS.get(self.claim_status_code)


class Outcome(StrEnum):
    """What became of a claim."""

    PAID = "paid"
    PARTIALLY_PAID = "partially-paid"
    DENIED = "denied"


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjudication:
    """Who bears a charge: paid, contractual, patient, denied, other and pending add up to it. **Units**: cents.

    `pending` is what the payer has not decided: it stays open. `reasons` are group and CARC of the refusals, each once.
    """

    outcome: Outcome
    charged_cents: int
    paid_cents: int
    contractual_cents: int = 0
    patient_cents: int = 0
    denied_cents: int = 0
    other_cents: int = 0
    pending_cents: int = 0
    reasons: tuple[str, ...] = ()


def adjudicate(payment: ClaimPayment, on: date) -> Adjudication:
    """Return who bears the charge of a claim, as of the day of its remittance.

    An adjustment whose number or group is unlisted counts as refused: nothing is written off and no patient is billed
    for a reason that nobody can read. A refusal that the payer puts on the patient (PR) is owed by the patient, and is
    a refusal all the same. **Source**: `shared/codesets/carc_rarc.py`.
    """
    cents = dict.fromkeys(_Share, 0)
    for adjustment in _all(payment):
        cents[_share(effect(adjustment.group, adjustment.reason_code, on))] += adjustment.amount_cents
    return Adjudication(
        outcome=_outcome(payment, on),
        charged_cents=payment.charged_cents,
        paid_cents=payment.paid_cents,
        contractual_cents=cents[_Share.CONTRACTUAL],
        patient_cents=cents[_Share.PATIENT],
        denied_cents=cents[_Share.DENIED],
        other_cents=cents[_Share.OTHER],
        pending_cents=cents[_Share.PENDING],
        reasons=tuple(dict.fromkeys(_reasons(_all(payment), on))),
    )


class _Share(StrEnum):
    CONTRACTUAL = "contractual"
    PATIENT = "patient"
    DENIED = "denied"
    OTHER = "other"
    PENDING = "pending"


def _share(meaning: Effect) -> _Share:
    match meaning:
        case Effect.CONTRACTUAL:
            return _Share.CONTRACTUAL
        case Effect.PATIENT | Effect.REFUSED_TO_PATIENT:
            return _Share.PATIENT
        case Effect.REFUSED | Effect.UNLISTED:
            return _Share.DENIED
        case Effect.PRIOR_PAYER:
            return _Share.OTHER
        case Effect.PENDING:
            return _Share.PENDING
        case _:
            assert_never(meaning)


def _outcome(payment: ClaimPayment, on: date) -> Outcome:
    """Return the outcome: denied where every line is refused, or the payer says so by status and pays nothing.

    A line is refused where it is paid nothing and an adjustment refuses it; without lines the claim is its own line.
    """
    if payment.claim_status_code == DENIED and not payment.paid_cents:
        return Outcome.DENIED
    refused = [_refused(line, on) for line in payment.lines]
    if not any(_reasons(_all(payment), on)):
        return Outcome.PAID
    if refused and not any(_reasons(payment.adjustments, on)):
        return Outcome.DENIED if all(refused) else Outcome.PARTIALLY_PAID
    return Outcome.PARTIALLY_PAID if payment.paid_cents else Outcome.DENIED


def _refused(line: AdjudicatedLine, on: date) -> bool:
    return not line.paid_cents and any(_reasons(line.adjustments, on))


def _reasons(adjustments: Iterable[Adjustment], on: date) -> Iterator[str]:
    for adjustment in adjustments:
        if effect(adjustment.group, adjustment.reason_code, on) in _REFUSALS and adjustment.amount_cents:
            yield f"{adjustment.group}-{adjustment.reason_code}"


_REFUSALS: Final = frozenset({Effect.REFUSED, Effect.REFUSED_TO_PATIENT, Effect.UNLISTED})


def _all(payment: ClaimPayment) -> Iterator[Adjustment]:
    yield from payment.adjustments
    for line in payment.lines:
        yield from line.adjustments
