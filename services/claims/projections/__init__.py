"""The questions that claims answers, and what it remembers of others' facts; one file per read model."""

from typing import Final

from services.claims.projections.adjudications import ADJUDICATIONS
from services.claims.projections.authorizations import AUTHORIZATIONS
from services.claims.projections.authorized_encounters import AUTHORIZED_ENCOUNTERS
from services.claims.projections.batches import BATCH_ROWS
from services.claims.projections.claims import CLAIM_ROWS
from services.claims.projections.codings import CODINGS
from services.claims.projections.coverages import COVERAGES
from services.claims.projections.encounter_billings import ENCOUNTER_BILLING_ROWS
from services.claims.projections.encounters import ENCOUNTERS
from services.claims.projections.fee_schedules import FEE_SCHEDULE_VERSIONS
from services.claims.projections.hours import HOURS
from services.claims.projections.interchanges import INTERCHANGES
from services.claims.projections.kept_answers import KEPT_ANSWER_ROWS
from services.claims.projections.mailbox import MAILBOX
from services.claims.projections.patients import PATIENTS
from services.claims.projections.payers import PAYERS
from services.claims.projections.prices import PRICES
from services.claims.projections.providers import PROVIDERS
from services.claims.projections.received_files import RECEIVED_FILES
from services.claims.projections.submissions import SUBMISSIONS
from services.claims.projections.timeline import TIMELINES
from services.claims.projections.validations import VALIDATIONS
from services.claims.projections.waits import WAITING
from shared.kernel.projection import AnyProjection

ALL: Final[tuple[AnyProjection, ...]] = (
    CLAIM_ROWS,
    TIMELINES,
    ADJUDICATIONS,
    HOURS,
    ENCOUNTER_BILLING_ROWS,
    WAITING,
    FEE_SCHEDULE_VERSIONS,
    PRICES,
    BATCH_ROWS,
    INTERCHANGES,
    SUBMISSIONS,
    KEPT_ANSWER_ROWS,
    RECEIVED_FILES,
    MAILBOX,
    PATIENTS,
    COVERAGES,
    AUTHORIZATIONS,
    AUTHORIZED_ENCOUNTERS,
    PAYERS,
    PROVIDERS,
    ENCOUNTERS,
    CODINGS,
    VALIDATIONS,
)
__all__ = [
    "ALL",
    "BATCH_ROWS",
    "CLAIM_ROWS",
    "ENCOUNTER_BILLING_ROWS",
    "KEPT_ANSWER_ROWS",
    "RECEIVED_FILES",
]
