"""`services/validation/domain/authorized.py`: which consent a line draws on; all ids are synthetic."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from msgspec import structs

from services.validation.domain.authorized import Authorized, authorized_of
from services.validation.domain.facts import Authorization, Codes, Consent, Coverage, Encounter, Facts, Patient
from shared.events.coding import CodedLine
from tests.unit.validation.samples import CODED_LINE, INSURED, NOW, SERVICE_ON

MARCH = (date(2026, 3, 1), date(2026, 3, 31))
CONSENT = Consent(procedure_codes=("99213",), units_approved=2, valid_from_on=MARCH[0], valid_to_on=MARCH[1])
REQUIRED = Authorization(
    authorization_id="AU-1",
    coverage_id="CV-1",
    procedure_codes=("99213",),
    service_from_on=MARCH[0],
    service_to_on=MARCH[1],
    status="required",
    concerned=MARCH,
)
APPROVED = replace(REQUIRED, status="approved", consent=CONSENT)


def facts(
    *authorizations: Authorization,
    lines: tuple[CodedLine, ...] = (CODED_LINE,),
    coverages: tuple[Coverage, ...] = (INSURED,),
) -> Facts:
    return Facts(
        codes=Codes(
            encounter_id="EN-1", patient_id="PT-1", coding_version=1, diagnoses=("E119",), lines=lines, assigned_at=NOW
        ),
        encounter=Encounter(
            encounter_id="EN-1",
            patient_id="PT-1",
            service_from_on=SERVICE_ON,
            service_to_on=SERVICE_ON,
            place_of_service="11",
            rendering_provider_id=None,
            billing_provider_id=None,
            coverage_ids=tuple(each.coverage_id for each in coverages),
        ),
        patient=Patient(patient_id="PT-1", birth_on=None, sex=None, has_address=True),
        coverages=coverages,
        payers=(),
        authorizations=authorizations,
        rendering=None,
        billing=None,
    )


def numbered(*changes: dict[str, Any]) -> tuple[CodedLine, ...]:
    return tuple(structs.replace(CODED_LINE, line_no=line_no, **each) for line_no, each in enumerate(changes, 1))


def told(found: tuple[Authorized, ...]) -> list[tuple[int, str, str]]:
    return [(each.line_no, each.authorization_id, each.standing) for each in found]


@pytest.mark.parametrize(
    "authorization",
    [
        replace(APPROVED, status="cancelled", consent=None),
        replace(REQUIRED, coverage_id="CV-2"),
        replace(REQUIRED, procedure_codes=("99214",)),
        replace(REQUIRED, service_from_on=date(2026, 3, 4)),
        replace(REQUIRED, service_to_on=date(2026, 3, 2)),
    ],
    ids=["cancelled", "another coverage", "another procedure", "begins later", "ended"],
)
def test_knows_nothing_of_what_nobody_wants_to_be_asked_about(authorization: Authorization) -> None:
    assert authorized_of(facts()) == ()
    assert authorized_of(facts(authorization)) == ()


@pytest.mark.parametrize("status", ["required", "requested", "pended", "denied"])
def test_says_how_far_it_is_with_what_has_no_consent(status: Any) -> None:  # noqa: ANN401 (one of the states)
    assert told(authorized_of(facts(replace(REQUIRED, status=status)))) == [(1, "AU-1", status)]


@pytest.mark.parametrize(
    ("first_on", "last_on", "standing"),
    [
        (SERVICE_ON, SERVICE_ON, "covered"),
        (date(2026, 3, 4), MARCH[1], "not-covered"),
        (MARCH[0], date(2026, 3, 2), "not-covered"),
    ],
)
def test_a_consent_covers_both_of_its_ends(first_on: date, last_on: date, standing: str) -> None:
    consent = replace(CONSENT, valid_from_on=first_on, valid_to_on=last_on)

    assert told(authorized_of(facts(replace(APPROVED, consent=consent)))) == [(1, "AU-1", standing)]


def test_a_line_of_several_days_is_covered_on_all_of_them() -> None:
    lines = numbered({"service_to_on": date(2026, 4, 1)}, {"service_to_on": date(2026, 3, 31)})

    assert [each.standing for each in authorized_of(facts(APPROVED, lines=lines))] == ["not-covered", "covered"]


def test_a_consent_to_another_procedure_than_was_asked_for_does_not_cover_it() -> None:
    other = replace(APPROVED, consent=replace(CONSENT, procedure_codes=("99214",)))

    assert told(authorized_of(facts(other))) == [(1, "AU-1", "not-covered")]


def test_draws_units_once_line_by_line() -> None:
    lines = numbered({"units": 1}, {"units": 2}, {"units": 1}, {"units": 1})
    standings = [each.standing for each in authorized_of(facts(APPROVED, lines=lines))]

    assert standings == ["covered", "units-exceeded", "covered", "units-exceeded"]


def test_a_consent_without_units_has_no_limit() -> None:
    unlimited = replace(APPROVED, consent=replace(CONSENT, units_approved=None))
    lines = numbered({"units": 500}, {"units": 500})

    assert {each.standing for each in authorized_of(facts(unlimited, lines=lines))} == {"covered"}


def test_uses_up_the_consent_that_ends_first_and_goes_on_with_the_next() -> None:
    later = replace(
        APPROVED, authorization_id="AU-0", consent=replace(CONSENT, units_approved=9, valid_to_on=date(2026, 4, 30))
    )
    found = authorized_of(facts(later, APPROVED, lines=numbered({"units": 2}, {"units": 2})))

    assert told(found) == [(1, "AU-1", "covered"), (2, "AU-0", "covered")]


def test_a_consent_counts_beside_a_second_authorization_that_is_still_open() -> None:
    open_one = replace(REQUIRED, authorization_id="AU-2")

    assert told(authorized_of(facts(open_one, APPROVED))) == [(1, "AU-1", "covered")]


def test_speaks_of_the_request_that_is_under_way_rather_than_of_the_one_that_was_denied() -> None:
    denied = replace(REQUIRED, status="denied")
    again = replace(REQUIRED, authorization_id="AU-2", status="requested")

    assert told(authorized_of(facts(denied, again))) == [(1, "AU-2", "requested")]


@pytest.mark.parametrize(
    ("last_on", "standings"),
    [(date(2026, 3, 2), ["ended"]), (date(2025, 12, 3), ["ended"]), (date(2025, 12, 2), [])],
    ids=["yesterday", "90 days ago", "91 days ago"],
)
def test_notices_that_a_consent_ended_not_long_ago(last_on: date, standings: list[str]) -> None:
    before = replace(
        APPROVED,
        service_from_on=date(2025, 11, 1),
        service_to_on=last_on,
        consent=replace(CONSENT, valid_from_on=date(2025, 11, 1), valid_to_on=last_on),
    )

    assert [each.standing for each in authorized_of(facts(before))] == standings


def test_asks_every_coverage_of_the_visit_on_its_own() -> None:
    second = replace(INSURED, coverage_id="CV-2", filing_order="secondary")
    of_second = replace(REQUIRED, authorization_id="AU-2", coverage_id="CV-2")
    found = authorized_of(facts(APPROVED, of_second, coverages=(INSURED, second)))

    assert [(each.place, each.authorization_id, each.standing) for each in found] == [
        (1, "AU-1", "covered"),
        (2, "AU-2", "required"),
    ]


def test_asks_nothing_where_the_patient_pays() -> None:
    assert authorized_of(facts(REQUIRED, coverages=())) == ()
