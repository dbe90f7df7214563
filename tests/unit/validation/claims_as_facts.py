"""A claim that somebody sent, as the facts that a scrub would have judged before it went out.

Owns: the translation. What a claim does not say is taken to be in order: coverages insure its days, payers wait as long
as the law lets them. Refuses: judging; `test_valid_claims.py` does.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from services.validation.domain.facts import Codes, Coverage, Encounter, Facts, Patient, Payer, Provider
from shared.events.coding import CodedLine
from shared.events.registration import FilingOrder
from shared.kernel.identifiers import is_mbi
from shared.kernel.person import Sex
from shared.x12.sets.t837i_x223a2 import InstitutionalClaim, RevenueLine
from shared.x12.sets.t837p_x222a1 import BillingProvider, ProfessionalClaim, ServiceLine
from shared.x12.sets.t837p_x222a1 import Provider as NamedProvider
from tests.unit.validation.samples import NOW

ZONE: Final = "America/New_York"
SENT_AFTER: Final = timedelta(days=1)
ORDERS: Final[dict[str, FilingOrder]] = {"P": "primary", "S": "secondary", "T": "tertiary"}
SEXES: Final[dict[str, Sex]] = {"F": "female", "M": "male", "U": "unknown"}


def facts_of(claim: ProfessionalClaim | InstitutionalClaim) -> Facts:
    """Return what a scrub judges of a claim. **Shape**: an institutional one has no place of service and no pointers.

    Its lines without a procedure are no services and left out.
    """
    lines = tuple(_lines(claim))
    first = min(line.service_from_on for line in lines)
    last = max(line.service_to_on for line in lines)
    coverages, payers = _insurance(claim, first)
    on_lines = (line.rendering_provider for line in _billed(claim) if line.rendering_provider)
    renders = claim.rendering_provider or next(on_lines, None)
    return Facts(
        codes=Codes(
            encounter_id="EN-1",
            patient_id="PT-1",
            coding_version=1,
            diagnoses=tuple(_diagnoses(claim)),
            lines=lines,
            assigned_at=NOW,
        ),
        encounter=Encounter(
            encounter_id="EN-1",
            patient_id="PT-1",
            service_from_on=first,
            service_to_on=last,
            place_of_service=claim.place_of_service if isinstance(claim, ProfessionalClaim) else None,
            rendering_provider_id=None if renders is None else "PR-1",
            billing_provider_id="PR-2",
            coverage_ids=tuple(coverage.coverage_id for coverage in coverages),
        ),
        patient=_patient(claim),
        coverages=coverages,
        payers=payers,
        known_coverages=coverages,
        rendering=None if renders is None else _renders(renders),
        billing=_bills(claim.billing_provider),
    )


def sent_at(facts: Facts) -> datetime:
    """Return when the claim went out: the day after its last service."""
    return datetime.combine(facts.encounter.service_to_on + SENT_AFTER, time(12), ZoneInfo(ZONE))


def _patient(claim: ProfessionalClaim | InstitutionalClaim) -> Patient:
    who = claim.patient or claim.subscriber
    return Patient(
        patient_id="PT-1", birth_on=who.birth_on, sex=SEXES.get(who.sex), has_address=who.address is not None
    )


def _insurance(
    claim: ProfessionalClaim | InstitutionalClaim, first: date
) -> tuple[tuple[Coverage, ...], tuple[Payer, ...]]:
    """Return coverages and payers as they pay one after another."""
    insured = claim.subscriber
    numbered = [
        (insured.responsibility, insured.claim_filing, insured.member_id, insured.group_number),
        *(
            (other.responsibility, other.claim_filing, other.member_id, other.group_number)
            for other in claim.other_payers
        ),
    ]
    numbered.sort(key=lambda each: "PST".index(each[0]))
    coverages = tuple(
        Coverage(
            coverage_id=f"CV-{at}",
            patient_id="PT-1",
            payer_id=f"PY-{at}",
            filing_order=ORDERS[order],
            effective_from_on=first,
            effective_to_on=None,
            of_group=bool(group),
            medicare_number=is_mbi(member_id),
        )
        for at, (order, _, member_id, group) in enumerate(numbered, 1)
    )
    payers = tuple(
        Payer(
            payer_id=f"PY-{at}",
            claim_filing_indicator=kind,
            filing_limit_days=None,
            filing_limit_months=None,
            zone=ZONE,
        )
        for at, (_, kind, _, _) in enumerate(numbered, 1)
    )
    return coverages, payers


def _bills(who: BillingProvider) -> Provider:
    return Provider(
        provider_id="PR-2",
        kind="person" if who.first_name else "organization",
        npi=who.npi,
        taxonomy=who.taxonomy or None,
        has_given_name=bool(who.first_name),
        has_tax_id=bool(who.tax_id),
        zip_digits=len(who.address.postal_code),
    )


def _renders(who: NamedProvider) -> Provider:
    return Provider(
        provider_id="PR-1",
        kind="person" if who.first_name else "organization",
        npi=who.npi,
        taxonomy=who.taxonomy or None,
        has_given_name=bool(who.first_name),
        has_tax_id=False,
        zip_digits=None,
    )


def _diagnoses(claim: ProfessionalClaim | InstitutionalClaim) -> Iterable[str]:
    if isinstance(claim, ProfessionalClaim):
        return claim.diagnoses
    named = (claim.principal_diagnosis, *claim.other_diagnoses)
    return (each.code for each in named if each is not None)


def _lines(claim: ProfessionalClaim | InstitutionalClaim) -> Iterator[CodedLine]:
    statement_from = claim.statement_from if isinstance(claim, InstitutionalClaim) else date.min
    for line_no, line in enumerate(_billed(claim), 1):
        if line.procedure:
            first_on = line.service_from or statement_from
            yield CodedLine(
                line_no=line_no,
                procedure_code=line.procedure,
                modifiers=line.modifiers,
                units=int(line.units),
                pointers=line.pointers if isinstance(line, ServiceLine) else (),
                service_from_on=first_on,
                service_to_on=line.service_to or first_on,
            )


def _billed(claim: ProfessionalClaim | InstitutionalClaim) -> Sequence[ServiceLine | RevenueLine]:
    return claim.lines
