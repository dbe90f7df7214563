"""Everything that claims runs, on one screen.

Owns: the wiring. Refuses: behaviour; each line names something that is explained elsewhere. Next: any of those names.
"""

from typing import Any, Final

from services.claims import projections as read
from services.claims.domain.batch import BATCHES
from services.claims.domain.batch_facts import BatchQueued
from services.claims.domain.claim import CLAIMS
from services.claims.domain.encounter_billing import ENCOUNTER_BILLINGS
from services.claims.domain.fee_schedule import FEE_SCHEDULES
from services.claims.domain.inbound import INBOUND_FILES
from services.claims.domain.invariants import INVARIANTS
from services.claims.domain.kept_answer import KEPT_ANSWERS
from services.claims.domain.wait import WAITS
from services.claims.effects import control_number_of, effects, partner_of
from services.claims.reactors import reactions
from services.claims.settings import PREFIX, Settings
from shared.events.claims import ClaimsEvent
from shared.kernel.decider import Decider
from shared.kernel.unions import members
from shared.runtime.clearinghouse.address import clearinghouse_at
from shared.runtime.definition import Api, Service, Worklist

DECIDERS: Final[tuple[Decider[Any, Any, Any], ...]] = (
    CLAIMS,
    ENCOUNTER_BILLINGS,
    BATCHES,
    FEE_SCHEDULES,
    INBOUND_FILES,
    KEPT_ANSWERS,
    WAITS,
)
WORKLISTS: Final = {
    "held-claims": Worklist(
        projection=read.CLAIM_ROWS,
        where={"submission": "held"},
        owner="biller",
        about="Claims that somebody must look at before they go out; release each with a reason.",
        reason="work_reason",
        due="filing_deadline_on",
        amount="charge_cents",
    ),
    "rejected-claims": Worklist(
        projection=read.CLAIM_ROWS,
        where={"submission": "rejected"},
        owner="biller",
        about="Claims that the front end stopped; mend codes, or master data and resubmit; the filing clock runs on.",
        reason="work_reason",
        due="filing_deadline_on",
        amount="charge_cents",
    ),
    "unsent-claims": Worklist(
        projection=read.CLAIM_ROWS,
        where={"submission": "failed"},
        owner="biller",
        about="Claims in files that could not be sent; a file that was refused for good is requeued by a person.",
        reason="work_reason",
        due="filing_deadline_on",
        amount="charge_cents",
    ),
    "claims-with-newer-codes": Worklist(
        projection=read.CLAIM_ROWS,
        where={"codes_changed": True},
        owner="biller",
        about="Claims whose codes changed after they were sent.",
        reason="submission",
        due="filing_deadline_on",
        amount="charge_cents",
    ),
    "failed-batches": Worklist(
        projection=read.BATCH_ROWS,
        where={"status": "failed"},
        owner="biller",
        about="Files that could not be sent yet; they are tried again.",
    ),
    "refused-batches": Worklist(
        projection=read.BATCH_ROWS,
        where={"status": "failed-for-good"},
        owner="manager",
        about="Files that the clearinghouse does not take; requeue them when it is mended there.",
    ),
    "unknown-batches": Worklist(
        projection=read.BATCH_ROWS,
        where={"status": "unknown"},
        owner="manager",
        about="Files of which nobody can tell whether they arrived; ask there, then wait for the answer or requeue.",
    ),
    "waiting-encounters": Worklist(
        projection=read.ENCOUNTER_BILLING_ROWS,
        where={"status": "waiting"},
        owner="biller",
        about="Encounters that could be billed, were it not for facts that are missing; each names them.",
        missing="missing",
        since="changed_at",
    ),
    "held-encounters": Worklist(
        projection=read.ENCOUNTER_BILLING_ROWS,
        where={"status": "held"},
        owner="biller",
        about="Encounters that no claim can be made of; mend what the reason names, then release them.",
        reason="attention",
    ),
    "self-pay-with-newer-codes": Worklist(
        projection=read.ENCOUNTER_BILLING_ROWS,
        where={"attention": "coding-changed-after-release"},
        owner="biller",
        about="Encounters whose codes changed after the patient was asked to pay.",
    ),
    "unmatched-acknowledgments": Worklist(
        projection=read.KEPT_ANSWER_ROWS,
        where={"status": "unmatched"},
        owner="biller",
        about="Answers about numbers that are nobody's.",
    ),
    "unclear-acknowledgments": Worklist(
        projection=read.KEPT_ANSWER_ROWS,
        where={"status": "unclear"},
        owner="biller",
        about="Answers that neither accept nor reject a claim.",
    ),
    "unreadable-files": Worklist(
        projection=read.RECEIVED_FILES,
        where={"kind": "unreadable"},
        owner="biller",
        about="Files of the mailbox that cannot be read; they are kept.",
    ),
}


def service(settings: Settings) -> Service:
    """Return claims as a value: what it decides, what it reacts to, what it answers."""
    ours = {event for decider in DECIDERS for event in decider.events}
    clearinghouse = clearinghouse_at(settings)
    return Service(
        name="claims",
        title="Claims: what is asked of which payer, and what the front end answers",
        api=_api,
        settings=settings,
        deciders=DECIDERS,
        reactions=reactions(settings.policy()),
        projections=read.ALL,
        effects=effects(clearinghouse, settings) if clearinghouse else (),
        partner=partner_of(clearinghouse) if clearinghouse else None,
        private_events=tuple(sorted(ours - set(members(ClaimsEvent)), key=lambda event: event.__name__)),
        numbered={BatchQueued: control_number_of},
        invariants=INVARIANTS,
        worklists=WORKLISTS,
        resources={Settings: settings},
    )


def _api() -> Api:
    from services.claims import api  # noqa: PLC0415 (slow to load, and operators' commands do without)

    return Api(router=api.ROUTER, access=api.ACCESS)


def configured() -> Service:
    """Return claims as the environment configures it; every process that runs it starts here."""
    return service(Settings.read(PREFIX))
