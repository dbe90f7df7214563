"""`services/registration/projections/`: what is left to find, and what an erasure takes away."""

from datetime import UTC, date, datetime

from msgspec import structs

from services.registration.domain.patient import MEMBER_ID_SYSTEM
from services.registration.projections import coverages, patient_identifiers, patients
from services.registration.projections.coverages import COVERAGES
from services.registration.projections.patient_identifiers import PATIENT_IDENTIFIERS, Holder
from services.registration.projections.patients import PATIENTS
from shared.events.registration import CoverageAdded, PatientRegistered
from shared.kernel.erased import ERASED
from shared.kernel.person import Identifier, PersonName

REGISTERED = PatientRegistered(
    patient_id="p-1",
    mrn="MRN 1001",
    name=PersonName(family="Sámple", given="Ada"),
    birth_on=date(1970, 5, 15),
    sex="female",
    address=None,
    identifiers=(
        Identifier(system="urn:example:ehr", value="P-1"),
        Identifier(system=MEMBER_ID_SYSTEM, value="PAID0001"),
    ),
    duplicate_check="none-found",
    registered_at=datetime(2026, 3, 3, tzinfo=UTC),
)


def test_keeps_a_patient_in_the_forms_that_a_search_compares() -> None:
    row = PATIENTS.apply(None, REGISTERED)

    assert PATIENTS.keys(REGISTERED) == ("p-1",)
    assert row is not None
    assert (row.mrn_key, row.person_key) == ("mrn1001", "sample\x1fada\x1f1970-05-15")


def test_leaves_nothing_to_find_of_an_erased_patient() -> None:
    erased = structs.replace(
        REGISTERED, mrn=ERASED, name=ERASED, birth_on=ERASED, sex=ERASED, address=ERASED, identifiers=ERASED
    )
    row = patients.row_of(erased)

    assert row.patient_id == "p-1"
    assert {row.mrn, row.name, row.birth_on, row.sex, row.address, row.mrn_key, row.person_key} == {None}
    assert row.identifiers == ()
    assert PATIENT_IDENTIFIERS.keys(erased) == ()


def test_keys_holders_by_number_and_leaves_member_ids_out() -> None:
    assert PATIENT_IDENTIFIERS.keys(REGISTERED) == ("urn:example:ehr\x1fP-1",)
    assert patient_identifiers.apply(None, REGISTERED) == Holder(patient_id="p-1")


def test_leaves_nothing_personal_in_an_erased_coverage() -> None:
    added = CoverageAdded(
        coverage_id="c-1",
        patient_id="p-1",
        payer_id="y-1",
        filing_order="primary",
        plan="Gold PPO",
        relationship="self",
        member_id=ERASED,
        group_number=ERASED,
        subscriber=ERASED,
        effective_from_on=date(2026, 1, 1),
        effective_to_on=None,
        added_at=datetime(2026, 3, 3, tzinfo=UTC),
    )
    row = coverages.row_of(added)

    assert COVERAGES.keys(added) == ("c-1",)
    assert (row.member_id, row.group_number, row.subscriber, row.plan) == (None, None, None, "Gold PPO")
