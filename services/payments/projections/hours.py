"""What payers paid, refused and took off in each hour, added up from the ledger's own postings.

A row is touched by many claims, and each posting only adds to its sums, so their order does not matter; a reversal
takes back what it undoes, in the hour in which it is posted. All hours together are the trial balance.
"""

from typing import Final

from msgspec import Struct

from services.payments.domain.ledger import Account, LedgerPosted
from shared.kernel.dates import utc_hour
from shared.kernel.projection import Projection


class PaymentHour(Struct, frozen=True, kw_only=True, gc=False):
    """One row. **Shape**: `hour` in UTC. **Units**: cents.

    `paid_claims` and `denied_claims` are decisions with money, and with a refusal, less those that were reversed.
    """

    hour: str
    paid_cents: int = 0
    paid_claims: int = 0
    denied_cents: int = 0
    denied_claims: int = 0
    contractual_cents: int = 0


_PAID: Final = frozenset({Account.REMITTANCE_CLEARING, Account.UNAPPLIED})
_CONTRACTUAL: Final = frozenset({Account.CONTRACTUAL, Account.OTHER_ADJUSTMENTS})


def keys(event: LedgerPosted) -> tuple[str, ...]:
    """Return the hour of a decision of a payer, or of its reversal; nothing for charges and checks."""
    return (utc_hour(event.posted_at),) if event.kind in {"payment", "reversal"} else ()


def apply(row: PaymentHour | None, event: LedgerPosted) -> PaymentHour:
    """Return the sums after a posting."""
    before = row or PaymentHour(hour=utc_hour(event.posted_at))
    paid, denied, contractual = (
        _posted(event, accounts) for accounts in (_PAID, frozenset({Account.AR_DENIED}), _CONTRACTUAL)
    )
    return PaymentHour(
        hour=before.hour,
        paid_cents=before.paid_cents + paid,
        paid_claims=before.paid_claims + _sign(paid),
        denied_cents=before.denied_cents + denied,
        denied_claims=before.denied_claims + _sign(denied),
        contractual_cents=before.contractual_cents + contractual,
    )


def _posted(event: LedgerPosted, accounts: frozenset[Account]) -> int:
    return sum(entry.debit_cents - entry.credit_cents for entry in event.entries if entry.account in accounts)


def _sign(cents: int) -> int:
    return (cents > 0) - (cents < 0)


HOURS: Final[Projection[PaymentHour, LedgerPosted]] = Projection(
    name="hours", version=1, source="own", row=PaymentHour, events=(LedgerPosted,), keys=keys, apply=apply
)
