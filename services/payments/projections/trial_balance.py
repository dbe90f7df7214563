"""Every account's debits and credits, and how the charges are split: the proof that no cent is lost.

One row for the whole ledger: whoever reads it sees one moment. Sums only, so that the order of streams does not matter.
"""

from dataclasses import dataclass, replace
from typing import Final, TypeAlias, assert_never

from services.payments.domain.ledger import Account, LedgerPosted
from services.payments.domain.remittance_facts import QuarantineEnded, RemittanceQuarantined, RemittanceRead
from shared.kernel.projection import Projection
from shared.kernel.unions import members

LEDGER: Final = "ledger"
"""Key of the one row."""


@dataclass(frozen=True, slots=True)
class AccountTotal:
    """What went through one account. **Units**: cents."""

    account: Account
    debit_cents: int = 0
    credit_cents: int = 0

    @property
    def balance_cents(self) -> int:
        """Return debits less credits."""
        return self.debit_cents - self.credit_cents


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """The ledger in one row. **Shape**: every account once. **Units**: cents; `quarantined_cents` waits outside it."""

    accounts: tuple[AccountTotal, ...] = tuple(AccountTotal(account) for account in Account)
    batch_count: int = 0
    quarantined_cents: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneySplit:
    """What became of everything that was charged; `charged` is the sum of the others. **Units**: cents.

    `unposted` is money that payers say they sent and that is on no claim yet: unapplied, or in quarantine. `open` is
    what payers owe besides it. What earlier payers did counts as contractual; what PLB took was paid by other means.
    """

    charged: int
    paid: int
    contractual: int
    denied: int
    patient: int
    open: int
    unposted: int


def split(trial: TrialBalance) -> MoneySplit:
    """Return the split of the charges. The parts add up only where debits equal credits; nothing is made to fit."""
    balance = {total.account: total.balance_cents for total in trial.accounts}
    unapplied_cents = -balance[Account.UNAPPLIED]
    received_cents = (
        balance[Account.CASH] + balance[Account.PROVIDER_ADJUSTMENTS] + balance[Account.REMITTANCE_CLEARING]
    )
    unposted_cents = unapplied_cents + trial.quarantined_cents
    return MoneySplit(
        charged=-balance[Account.CHARGES],
        paid=received_cents - unapplied_cents,
        contractual=balance[Account.CONTRACTUAL] + balance[Account.OTHER_ADJUSTMENTS],
        denied=balance[Account.AR_DENIED],
        patient=balance[Account.AR_PATIENT],
        open=balance[Account.AR_PAYER] - unposted_cents,
        unposted=unposted_cents,
    )


def clearing_cents(trial: TrialBalance | None) -> int:
    """Return what stands on the clearing account, without its sign; 0 where every check was posted whole."""
    return abs(_balance(trial, Account.REMITTANCE_CLEARING))


def unbalanced_cents(trial: TrialBalance | None) -> int:
    """Return by how much debits and credits differ, without sign; 0 where the books are right."""
    return abs(sum(_balance(trial, account) for account in Account))


def _balance(trial: TrialBalance | None, account: Account) -> int:
    return sum(each.balance_cents for each in trial.accounts if each.account == account) if trial else 0


Fact: TypeAlias = LedgerPosted | RemittanceRead | RemittanceQuarantined | QuarantineEnded


def keys(_: Fact) -> tuple[str, ...]:
    """Return the one row."""
    return (LEDGER,)


def apply(row: TrialBalance | None, event: Fact) -> TrialBalance:
    """Return the ledger after a fact."""
    row = row or TrialBalance()
    match event:
        case LedgerPosted():
            return replace(row, accounts=_totals(row, event), batch_count=row.batch_count + 1)
        case RemittanceRead() | QuarantineEnded():
            return replace(row, quarantined_cents=row.quarantined_cents - event.released_cents)
        case RemittanceQuarantined():
            return replace(row, quarantined_cents=row.quarantined_cents + event.unposted_cents)
        case _:
            assert_never(event)


def _totals(row: TrialBalance, event: LedgerPosted) -> tuple[AccountTotal, ...]:
    posted = {entry.account: entry for entry in event.entries}
    return tuple(
        AccountTotal(total.account, total.debit_cents + entry.debit_cents, total.credit_cents + entry.credit_cents)
        if (entry := posted.get(total.account))
        else total
        for total in row.accounts
    )


TRIAL_BALANCE: Final[Projection[TrialBalance, Fact]] = Projection(
    name="trial_balance", version=1, source="own", row=TrialBalance, events=members(Fact), keys=keys, apply=apply
)
