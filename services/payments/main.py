"""Everything that payments runs, on one screen.

Owns: the wiring. Refuses: behaviour; each line names something that is explained elsewhere. Next: any of those names.
"""

from services.payments import reactors
from services.payments.domain.claim_account import CLAIM_ACCOUNTS, PaymentReversed
from services.payments.domain.inbound_file import INBOUND_FILES, InboundFileUnreadable, RemittanceFileSeen
from services.payments.domain.invariants import INVARIANTS
from services.payments.domain.ledger import LedgerPosted
from services.payments.domain.patient_account import PATIENT_ACCOUNTS
from services.payments.domain.remittance import REMITTANCES
from services.payments.domain.remittance_facts import PRIVATE
from services.payments.effects import mailbox_poll, partner_of
from services.payments.projections import (
    billed_claims,
    checks,
    claim_accounts,
    denials,
    exception_queue,
    held_checks,
    hours,
    mailbox,
    patient_balances,
    remittances,
    submissions,
    trial_balance,
    unmatched,
)
from services.payments.settings import PREFIX, Settings
from shared.runtime.clearinghouse.address import clearinghouse_at
from shared.runtime.clearinghouse.partner import Partner
from shared.runtime.definition import Api, Measure, Service, Worklist
from shared.runtime.effects import Poll, Timer


def service(settings: Settings) -> Service:
    """Return payments as a value: what it decides, what it reacts to, what it answers."""
    partner = _partner(settings)
    return Service(
        name="payments",
        title="Payments: remittances, ledger, who owes what",
        api=_api,
        settings=settings,
        deciders=(REMITTANCES, CLAIM_ACCOUNTS, PATIENT_ACCOUNTS, INBOUND_FILES),
        reactions=reactors.REACTIONS,
        projections=(
            submissions.SUBMISSIONS,
            billed_claims.BILLED_CLAIMS,
            remittances.REMITTANCES,
            checks.CHECKS,
            unmatched.UNMATCHED,
            held_checks.HELD_CHECKS,
            claim_accounts.CLAIM_ACCOUNTS,
            trial_balance.TRIAL_BALANCE,
            hours.HOURS,
            patient_balances.PATIENT_BALANCES,
            exception_queue.EXCEPTIONS,
            denials.DENIALS,
            mailbox.MAILBOX,
        ),
        effects=_effects(partner, settings),
        partner=partner,
        private_events=(*PRIVATE, LedgerPosted, PaymentReversed, InboundFileUnreadable, RemittanceFileSeen),
        invariants=INVARIANTS,
        measures=(
            Measure(
                name="clearing_cents",
                about="What stands on the clearing account of checks; anything but 0 is a check posted by half.",
                projection=trial_balance.TRIAL_BALANCE,
                key=trial_balance.LEDGER,
                value=trial_balance.clearing_cents,
            ),
            Measure(
                name="unbalanced_cents",
                about="By how much debits and credits of the ledger differ; anything but 0 is a fault.",
                projection=trial_balance.TRIAL_BALANCE,
                key=trial_balance.LEDGER,
                value=trial_balance.unbalanced_cents,
            ),
        ),
        worklists={
            "exceptions": Worklist(
                projection=exception_queue.EXCEPTIONS,
                where={"needs_action": True},
                owner="poster",
                about="Checks in quarantine, payments without a claim, files that cannot be read.",
                reason="kind",
                amount="paid_cents",
            ),
            "denials": Worklist(
                projection=denials.DENIALS,
                where={},
                owner="denial specialist",
                about="Claims that a payer refused, in whole or in part.",
                reason="reason",
                amount="denied_cents",
            ),
        },
        resources={Settings: settings},
    )


def _api() -> Api:
    from services.payments import api  # noqa: PLC0415 (slow to load, and operators' commands do without)

    return Api(router=api.ROUTER, access=api.ACCESS)


def _partner(settings: Settings) -> Partner | None:
    clearinghouse = clearinghouse_at(settings)
    return partner_of(clearinghouse, settings) if clearinghouse else None


def _effects(partner: Partner | None, settings: Settings) -> tuple[Poll | Timer, ...]:
    if partner is None:
        return ()
    return (mailbox_poll(partner.clearinghouse, settings), *partner.clearing_up(settings))


def configured() -> Service:
    """Return payments as the environment configures it; every process that runs it starts here."""
    return service(Settings.read(PREFIX))
