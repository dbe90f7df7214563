"""What a claim asks for, as it is assembled: the command that `assembly.py` makes, and the facts that say it.

Owns: the form of a claim's content. Refuses: whether a claim may have it now (`claim.py`).
"""

from dataclasses import dataclass
from datetime import date, datetime

from services.claims.domain.claim_facts import ClaimAuthorizationsNoted
from shared.events.claims import ClaimAssembled, ClaimLine, ClaimPriced, PricedLine
from shared.events.registration import FilingOrder
from shared.events.validation import AuthorizedLine


@dataclass(frozen=True, slots=True, kw_only=True)
class AssembleClaim:
    """Let a claim ask for the lines of a set of codes. **Shape**: `hold` is why it must not go out yet, if so.

    A hold has an end: on `hold_until_on` somebody looks again.
    """

    claim_id: str
    encounter_ids: tuple[str, ...]
    patient_id: str
    coverage_id: str
    payer_id: str
    filing_order: FilingOrder
    diagnoses: tuple[str, ...]
    lines: tuple[ClaimLine, ...]
    priced: tuple[PricedLine, ...]
    fee_schedule_versions: tuple[str, ...]
    place_of_service: str
    rendering_provider_id: str | None
    billing_provider_id: str
    coding_version: int
    rule_set_version: str
    filing_deadline_on: date | None
    authorizations: tuple[AuthorizedLine, ...] = ()
    hold: str | None
    hold_until_on: date | None = None
    now: datetime


def content(
    command: AssembleClaim, *, replaced_cents: int | None
) -> tuple[ClaimAssembled | ClaimPriced | ClaimAuthorizationsNoted, ...]:
    """Return the facts that say what a claim asks for, at which price, and which consents it names, if any.

    **Units**: `replaced_cents` are what it asked for until then, None for a new claim.
    """
    assembled = ClaimAssembled(
        claim_id=command.claim_id,
        encounter_ids=command.encounter_ids,
        patient_id=command.patient_id,
        coverage_id=command.coverage_id,
        payer_id=command.payer_id,
        filing_order=command.filing_order,
        form="P",
        diagnoses=command.diagnoses,
        lines=command.lines,
        place_of_service=command.place_of_service,
        rendering_provider_id=command.rendering_provider_id,
        billing_provider_id=command.billing_provider_id,
        coding_version=command.coding_version,
        rule_set_version=command.rule_set_version,
        filing_deadline_on=command.filing_deadline_on,
        assembled_at=command.now,
    )
    priced = ClaimPriced(
        claim_id=command.claim_id,
        patient_id=command.patient_id,
        payer_id=command.payer_id,
        lines=command.priced,
        charge_cents=sum(line.charge_cents for line in command.priced),
        fee_schedule_versions=command.fee_schedule_versions,
        priced_at=command.now,
        replaced_cents=replaced_cents,
    )
    return (assembled, priced, *((authorizations_noted(command),) if command.authorizations else ()))


def authorizations_noted(command: AssembleClaim) -> ClaimAuthorizationsNoted:
    """Return the fact that says which consents a claim names."""
    return ClaimAuthorizationsNoted(
        claim_id=command.claim_id,
        patient_id=command.patient_id,
        coding_version=command.coding_version,
        authorizations=command.authorizations,
        noted_at=command.now,
    )
