"""HTTP of validation, over the whole service in memory."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from httpx import Response
from msgspec import structs

from services.validation.domain.rules import RULE_SET_VERSION, RULES
from services.validation.domain.tables import Tables
from services.validation.main import service
from services.validation.settings import Settings
from shared.codesets import icd10cm
from shared.codesets.edition import Interval, Provenance
from shared.codesets.icd10 import Span
from shared.codesets.icd10_table import table_of
from shared.codesets.library import Library
from shared.events.coding import CodeSetEditionLoaded
from shared.events.validation import FindingOverridden
from shared.kernel.erased import ERASED
from shared.runtime.tables import CodeTables, LoadedTable
from tests.support.histories import retold
from tests.support.memory import Running, running, token
from tests.support.validating import sent_after_asking
from tests.unit.validation.driver import TABLES
from tests.unit.validation.samples import (
    BILLING,
    CODED_LINE,
    COVERAGE,
    ENCOUNTER,
    NOW,
    PATIENT,
    PAYER,
    REJECTED,
    RENDERING,
    SUBMITTED,
    assigned,
)

YEAR = Provenance(
    system=icd10cm.SYSTEM.name,
    release="2026",
    effective_from=date(2025, 10, 1),
    effective_to=date(2026, 9, 30),
    source="example",
    complete=True,
)
REGISTERED = (PATIENT, COVERAGE, PAYER, RENDERING, BILLING)
TRIED: dict[str, Any] = {
    "validate_only": True,
    "service_on": "2026-03-03",
    "diagnoses": ["e11.9"],
    "lines": [{"procedure_code": "99213", "service_from_on": "2026-03-03"}],
    "place_of_service": "11",
    "birth_on": "1970-05-15",
    "sex": "female",
    "billing_npi": "1987654328",
}


@pytest.fixture
async def validation() -> AsyncIterator[Running]:
    async with running(service(Settings(), TABLES)) as started:
        yield started


def slug(answer: Response) -> str:
    return str(answer.json()["type"]).rsplit("/", 1)[-1]


async def test_shows_how_a_scrub_stands(validation: Running) -> None:
    await validation.deliver(*REGISTERED, ENCOUNTER, assigned("E119"), at=NOW)

    answer = await validation.client.get("/v1/scrubs/EN-1")

    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["filing_deadline_on"]) == ("validated", "2026-08-30")
    assert {each["outcome"] for each in answer.json()["findings"]} == {"no-data"}
    assert "procedure_code_known" in {each["rule_id"] for each in answer.json()["findings"]}
    assert await validation.parked() == []


async def test_a_loaded_edition_answers_for_its_own_days_once_it_is_here(validation: Running) -> None:
    lives = {"I10": [Span(Interval(YEAR.effective_from), billable=True)]}
    packed = table_of(YEAR, lives, {})
    edition = icd10cm.SYSTEM.read(packed).edition
    loaded = CodeSetEditionLoaded(
        system=edition.system,
        release=edition.release,
        effective_from_on=edition.effective_from,
        effective_to_on=edition.effective_to,
        sha256=edition.sha256,
        source=edition.source,
        licence_acknowledged=None,
        loaded_at=NOW,
        is_starter=False,
        packed_sha256="0" * 64,
    )
    before = await _tried_in(validation, "2026-03-03")
    await validation.deliver(loaded)
    coming = await _tried_in(validation, "2026-03-03")
    tables = validation.engine.service.resources[CodeTables]
    assert isinstance(tables, CodeTables)
    tables.keep(LoadedTable(system=edition.system, sha256=edition.sha256, packed_sha256="0" * 64), packed)

    assert (before, coming) == ("validated", "validated")  # a scrub waits for no table
    assert await _tried_in(validation, "2026-03-03") == "rejected"  # E11.9 is not in the edition
    assert await _tried_in(validation, "2025-03-03") == "validated"  # of another day


async def _tried_in(validation: Running, service_on: str) -> str:
    line = {"procedure_code": "99213", "service_from_on": service_on}
    tried = {**TRIED, "service_on": service_on, "lines": [line]}
    return str((await validation.client.post("/v1/scrubs", json=tried)).json()["status"])


async def test_shows_what_a_scrub_waits_for(validation: Running) -> None:
    await validation.deliver(ENCOUNTER, assigned("E119"), at=NOW)

    answer = await validation.client.get("/v1/scrubs/EN-1")

    assert (answer.json()["status"], len(answer.json()["missing"])) == ("waiting", 4)


async def test_scrubs_again_what_is_known(validation: Running) -> None:
    await validation.deliver(*REGISTERED, ENCOUNTER, assigned("E119"), at=datetime.now(UTC))  # noqa: TID251 (as the route)
    before = await validation.facts()

    answer = await validation.client.post("/v1/scrubs", json={"encounter_id": "EN-1"})

    assert (answer.status_code, answer.json()["coding_version"]) == (200, 1)
    assert await validation.facts() == before
    assert answer.headers["etag"]


async def test_scrubbing_again_finds_that_the_filing_limit_has_passed_since(validation: Running) -> None:
    await validation.deliver(*REGISTERED, ENCOUNTER, assigned("E119"), at=datetime(2026, 3, 10, tzinfo=UTC))

    answer = await validation.client.post("/v1/scrubs", json={"encounter_id": "EN-1"})
    found = await validation.client.get("/v1/findings", params={"rule_id": "timely_filing"})

    assert answer.json()["status"] == "rejected"  # the clock of this test is the real one, months after the limit
    assert [(each["owner"], each["severity"]) for each in found.json()["items"]] == [("biller", "error")]


async def test_mended_codes_leave_the_work_list(validation: Running) -> None:
    await validation.deliver(*REGISTERED, ENCOUNTER, assigned("E11"), at=NOW)
    before = await validation.client.get("/v1/worklists/rejected-codes")
    await validation.deliver(assigned("E119", coding_version=2), at=NOW)
    after = await validation.client.get("/v1/worklists/rejected-codes")

    assert ([row["encounter_id"] for row in before.json()["items"]], after.json()["items"]) == (["EN-1"], [])


async def test_filters_and_pages_findings(validation: Running) -> None:
    nowhere = structs.replace(ENCOUNTER, place_of_service=None)
    erased = structs.replace(PATIENT, birth_on=ERASED, sex=ERASED, name=ERASED, mrn=ERASED)
    await validation.deliver(erased, *REGISTERED[1:], nowhere, assigned("E11", "Z3800"), at=NOW)
    get = validation.client.get

    errors = (await get("/v1/findings", params={"severity": "error", "owner": "coder"})).json()
    gaps = (await get("/v1/findings", params={"outcome": "no-data"})).json()
    none = (await get("/v1/findings", params={"owner": "biller"})).json()
    first = (await get("/v1/findings", params={"page_size": 1})).json()
    second = (await get("/v1/findings", params={"page_size": 1, "cursor": first["next"]})).json()

    assert [each["rule_id"] for each in errors["items"]] == ["diagnosis_billable", "place_of_service_valid"]
    assert [each["rule_id"] for each in gaps["items"]] == ["age_edit", "service_after_birth"]  # not what lacks tables
    assert none["items"] == []
    assert [each["rule_id"] for each in (*first["items"], *second["items"])] == ["age_edit", "diagnosis_billable"]


async def test_tries_codes_and_keeps_nothing(validation: Running) -> None:
    answer = await validation.client.post("/v1/scrubs", json=TRIED)

    assert (answer.status_code, answer.json()["status"], answer.json()["encounter_id"]) == (200, "validated", None)
    assert {each["outcome"] for each in answer.json()["findings"]} == {"no-data"}
    assert "procedure_code_known" in {each["rule_id"] for each in answer.json()["findings"]}
    assert await validation.facts() == []


async def test_tries_codes_against_a_coverage_and_its_payer(validation: Running) -> None:
    coverage = {"effective_from_on": "2026-04-01", "filing_limit_months": 12}

    answer = await validation.client.post("/v1/scrubs", json=TRIED | {"coverages": [coverage]})

    assert answer.json()["status"] == "rejected"
    assert answer.json()["filing_deadline_on"] == "2027-03-03"
    assert "coverage_active" in {each["rule_id"] for each in answer.json()["findings"]}


async def test_says_that_a_table_is_not_loaded() -> None:
    async with running(service(Settings(), Tables(library=Library()))) as started:
        answer = await started.client.post("/v1/scrubs", json=TRIED)

    gaps = {each["rule_id"] for each in answer.json()["findings"] if each["outcome"] == "no-data"}
    assert answer.json()["status"] == "validated"
    assert {"diagnosis_billable", "primary_diagnosis_acceptable", "age_edit"} <= gaps


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"encounter_id": ""},
        {"validate_only": False, "encounter_id": "EN-1"},
        TRIED | {"encounter_id": "EN-1"},
        TRIED | {"diagnoses": ["E11\u0000"]},
        TRIED | {"service_on": "9999-12-31"},
        TRIED | {"coverages": [{"effective_from_on": "2026-01-01", "zone": "Mars/Olympus"}]},
    ],
    ids=["nothing", "no id", "neither", "both", "a NUL", "the end of time", "no such zone"],
)
async def test_refuses_a_body_that_makes_no_sense(validation: Running, body: dict[str, Any]) -> None:
    answer = await validation.client.post("/v1/scrubs", json=body)

    assert (answer.status_code, slug(answer)) == (422, "malformed-request")
    assert "Mars" not in answer.text


async def test_knows_nothing_of_an_encounter_without_codes(validation: Running) -> None:
    await validation.deliver(ENCOUNTER, at=NOW)

    again = await validation.client.post("/v1/scrubs", json={"encounter_id": "EN-1"})
    shown = await validation.client.get("/v1/scrubs/EN-1")

    assert (again.status_code, slug(again)) == (404, "codes-not-found")
    assert (shown.status_code, slug(shown)) == (404, "scrub-not-found")


async def test_lists_its_worklists(validation: Running) -> None:
    await validation.deliver(*REGISTERED, ENCOUNTER, assigned("E11"), at=NOW)

    answer = await validation.client.get("/v1/worklists")

    counts = {each["name"]: each["count"] for each in answer.json()["worklists"]}
    assert counts == {
        "rejected-codes": 1,
        "waiting-scrubs": 0,
        "findings-coder": 1,
        "findings-biller": 0,
        "findings-front-desk": 0,
    }


async def test_tells_a_scrub_as_it_stood_while_it_waited(validation: Running) -> None:
    await validation.deliver(ENCOUNTER, assigned("E119"), at=NOW)
    waiting = await validation.instant()
    await validation.deliver(*REGISTERED, at=NOW)
    then = (await validation.then("/v1/scrubs/EN-1", waiting)).json()
    now = (await validation.client.get("/v1/scrubs/EN-1")).json()

    assert (then["status"], len(then["missing"]), then["findings"]) == ("waiting", 4, [])
    assert (now["status"], now["missing"], {each["outcome"] for each in now["findings"]}) == (
        "validated",
        [],
        {"no-data"},
    )
    assert await retold(validation.engine) == {"scrubs": 1}


HEADING = "diagnosis_billable"
OVERRIDE: dict[str, Any] = {
    "rule_id": HEADING,
    "coding_version": 1,
    "reason": "payer-allows",
    "note": "Mr Sample's plan takes it.",
}


async def rejected(validation: Running) -> None:
    """Reject for a heading alone, also by the clock of the routes: the payer takes claims for a hundred years."""
    patient_payer = structs.replace(PAYER, filing_limit_days=36_500)
    await validation.deliver(PATIENT, COVERAGE, patient_payer, RENDERING, BILLING, ENCOUNTER, assigned("E11"), at=NOW)


async def test_lets_a_finding_pass_and_validates_at_once(validation: Running) -> None:
    await rejected(validation)

    answer = await validation.client.post("/v1/scrubs/EN-1/overrides", json=OVERRIDE)
    found = [each for each in answer.json()["findings"] if each["rule_id"] == HEADING]
    listed = (await validation.client.get("/v1/findings", params={"rule_id": HEADING})).json()["items"]

    assert (answer.status_code, answer.json()["status"]) == (200, "validated")
    assert [(each["overridden"]["reason"], each["overridden"]["overridden_by"]) for each in found] == [
        ("payer-allows", "clerk-1")
    ]
    assert listed == []
    assert await retold(validation.engine) == {"scrubs": 1}


async def test_an_override_lapses_with_the_codes(validation: Running) -> None:
    await rejected(validation)
    await validation.client.post("/v1/scrubs/EN-1/overrides", json=OVERRIDE)

    await validation.deliver(assigned("E11", coding_version=2), at=NOW)
    standing = (await validation.client.get("/v1/scrubs/EN-1")).json()
    listed = (await validation.client.get("/v1/findings", params={"rule_id": HEADING})).json()["items"]

    assert (standing["status"], standing["coding_version"]) == ("rejected", 2)
    assert {each["overridden"] for each in standing["findings"]} == {None}
    assert len(listed) == 1


async def test_the_note_of_an_override_is_sealed(validation: Running) -> None:
    await rejected(validation)
    await validation.client.post("/v1/scrubs/EN-1/overrides", json=OVERRIDE)

    stored = await validation.engine.store.events(0, types=["FindingOverridden"], events_max=10)
    (fact,) = [fact for fact in await validation.facts() if isinstance(fact, FindingOverridden)]

    assert fact.note == OVERRIDE["note"]
    assert all(b"Sample" not in envelope.data for envelope in stored)


WITHDRAWAL: dict[str, Any] = {"rule_id": HEADING, "coding_version": 1, "note": "Ms Sample's plan does not."}


async def test_withdraws_an_override_and_rejects_at_once(validation: Running) -> None:
    await rejected(validation)
    await validation.client.post("/v1/scrubs/EN-1/overrides", json=OVERRIDE)

    answer = await validation.client.post("/v1/scrubs/EN-1/withdrawals", json=WITHDRAWAL)
    listed = (await validation.client.get("/v1/findings", params={"rule_id": HEADING})).json()["items"]
    moments = (await found(validation, "/v1/scrubs/EN-1/history"))["items"]
    counted = await found(validation, f"/v1/rules/{HEADING}/statistics")
    stored = await validation.engine.store.events(0, types=["OverrideLapsed"], events_max=10)

    assert (answer.status_code, answer.json()["status"]) == (200, "rejected")
    assert len(listed) == len(stored) == 1
    assert [(each["status"], each["reason"]) for each in moments if each["reason"]] == [
        ("overridden", "payer-allows"),
        ("lapsed", "withdrawn"),
    ]
    assert [each["note"] for each in moments if each["status"] == "lapsed"] == [WITHDRAWAL["note"]]
    assert b"Sample" not in stored[0].data
    assert [counted[each] for each in ("raised", "overridden", "withdrawn", "open")] == [2, 1, 1, 1]


async def test_withdraws_nothing_once_a_payer_has_the_claim(validation: Running) -> None:
    await rejected(validation)
    await validation.client.post("/v1/scrubs/EN-1/overrides", json=OVERRIDE)
    await validation.deliver(SUBMITTED, at=NOW)

    sent = await validation.client.post("/v1/scrubs/EN-1/withdrawals", json=WITHDRAWAL)
    await validation.deliver(REJECTED, at=NOW)
    sent_back = await validation.client.post("/v1/scrubs/EN-1/withdrawals", json=WITHDRAWAL)

    assert (sent.status_code, slug(sent)) == (409, "claim-under-way")
    assert (sent_back.status_code, sent_back.json()["status"]) == (200, "rejected")


@pytest.mark.parametrize(
    ("change", "status", "refusal"),
    [
        ({"rule_id": "sex_edit"}, 404, "override-not-found"),
        ({"coding_version": 2}, 409, "codes-changed"),
        ({"note": None}, 422, "malformed-request"),
        ({"note": " "}, 422, "malformed-request"),
    ],
)
async def test_refuses_to_withdraw(validation: Running, change: dict[str, Any], status: int, refusal: str) -> None:
    await rejected(validation)
    await validation.client.post("/v1/scrubs/EN-1/overrides", json=OVERRIDE)
    before = await validation.facts()

    answer = await validation.client.post("/v1/scrubs/EN-1/withdrawals", json=WITHDRAWAL | change)

    assert (answer.status_code, slug(answer)) == (status, refusal)
    assert await validation.facts() == before


@pytest.mark.parametrize(
    ("change", "status", "refusal"),
    [
        ({"rule_id": "sex_edit"}, 404, "finding-not-found"),
        ({"rule_id": "procedure_code_known"}, 404, "finding-not-found"),
        ({"coding_version": 2}, 409, "codes-changed"),
        ({"reason": "because"}, 422, "malformed-request"),
        ({"reason": None}, 422, "malformed-request"),
        ({"note": ""}, 422, "malformed-request"),
    ],
)
async def test_refuses_an_override(validation: Running, change: dict[str, Any], status: int, refusal: str) -> None:
    await rejected(validation)
    before = await validation.facts()

    answer = await validation.client.post("/v1/scrubs/EN-1/overrides", json=OVERRIDE | change)

    assert (answer.status_code, slug(answer)) == (status, refusal)
    assert await validation.facts() == before


async def test_nobody_overrides_without_the_permission(validation: Running) -> None:
    await rejected(validation)
    writer = token(validation.engine.service, scopes=["validation.read", "validation.write"])

    answer = await validation.client.post(
        "/v1/scrubs/EN-1/overrides", json=OVERRIDE, headers={"Authorization": f"Bearer {writer}"}
    )

    assert (answer.status_code, slug(answer)) == (403, "forbidden")


async def test_nobody_overrides_what_makes_a_claim_unreadable(validation: Running) -> None:
    line = structs.replace(CODED_LINE, units=0)
    await validation.deliver(*REGISTERED, ENCOUNTER, assigned("E119", lines=(line,)), at=NOW)

    answer = await validation.client.post("/v1/scrubs/EN-1/overrides", json=OVERRIDE | {"rule_id": "line_units"})

    assert (answer.status_code, slug(answer)) == (409, "finding-not-overridable")


async def test_nothing_of_an_encounter_without_codes_is_overridden(validation: Running) -> None:
    answer = await validation.client.post("/v1/scrubs/EN-404/overrides", json=OVERRIDE)

    assert (answer.status_code, slug(answer)) == (404, "codes-not-found")


async def found(validation: Running, path: str, **params: Any) -> Any:  # noqa: ANN401 (JSON)
    return (await validation.client.get(path, params=params)).json()


async def test_lists_every_rule_with_where_it_comes_from(validation: Running) -> None:
    every = await found(validation, "/v1/rules")
    one = await found(validation, "/v1/rules/diagnosis_billable")
    unreadable = await found(validation, "/v1/rules/line_units")

    assert [each["rule_id"] for each in every["items"]] == [rule.id for rule in RULES]
    assert every["rule_set_version"] == RULE_SET_VERSION
    assert one in every["items"]
    assert (one["title"], one["authority"], one["overridable"]) == ("diagnosis billable", "nchs", True)
    assert (one["effective_from_on"], one["documentation"]) == (None, "docs/rules.md#diagnosis_billable")
    assert not unreadable["overridable"]


async def test_knows_no_rule_that_does_not_exist(validation: Running) -> None:
    answers = [await validation.client.get(f"/v1/rules/nobody{end}") for end in ("", "/statistics")]

    assert [(answer.status_code, slug(answer)) for answer in answers] == [(404, "rule-not-found")] * 2


async def test_says_which_rule_set_judges_since_when(validation: Running) -> None:
    sets = (await found(validation, "/v1/rule-sets"))["items"]

    assert [each["version"] for each in sets if each["in_force"]] == [RULE_SET_VERSION]
    assert (sets[0]["in_force_from"], sets[-1]["in_force_until"]) == (None, None)
    assert {"rule_id": "line_units", "version": 1} in sets[-1]["rules"]


async def test_counts_findings_by_what_is_asked(validation: Running) -> None:
    await rejected(validation)

    rules = await found(validation, "/v1/findings/counts", by="rule_id")
    payers = await found(validation, "/v1/findings/counts", by="payer_id", severity="error")
    unknown = await validation.client.get("/v1/findings/counts", params={"by": "encounter_id"})

    assert rules == {"by": "rule_id", "counts": {HEADING: 1}}
    assert payers["counts"] == {"PY-1": 1}
    assert (unknown.status_code, slug(unknown)) == (422, "malformed-request")


async def test_finds_findings_by_payer_and_age(validation: Running) -> None:
    await rejected(validation)
    age = (datetime.now(UTC) - NOW).days  # noqa: TID251 (as the route)

    async def listed(**params: Any) -> int:  # noqa: ANN401 (a filter)
        return len((await found(validation, "/v1/findings", rule_id=HEADING, **params))["items"])

    assert (await listed(payer_id="PY-1"), await listed(payer_id="PY-2")) == (1, 0)
    assert (await listed(age_days_min=age - 1), await listed(age_days_min=age + 2)) == (1, 0)
    assert (await found(validation, "/v1/findings/counts", by="owner", age_days_min=age + 2))["counts"] == {}


async def test_counts_what_came_of_a_rule(validation: Running) -> None:
    await rejected(validation)
    before = await found(validation, f"/v1/rules/{HEADING}/statistics")
    await validation.client.post("/v1/scrubs/EN-1/overrides", json=OVERRIDE)
    passed = await found(validation, f"/v1/rules/{HEADING}/statistics")
    await validation.deliver(assigned("E119", coding_version=2), at=NOW)
    mended = await found(validation, f"/v1/rules/{HEADING}/statistics")

    counted = [[each[name] for name in ("raised", "mended", "overridden", "open")] for each in (before, passed, mended)]
    assert counted == [[1, 0, 0, 1], [1, 0, 1, 0], [1, 1, 1, 0]]
    assert before["months"] == [{"month": "2026-03", "raised": 1, "mended": 0, "overridden": 0, "withdrawn": 0}]
    assert await found(validation, "/v1/rules/sex_edit/statistics") == {
        "rule_id": "sex_edit",
        "raised": 0,
        "mended": 0,
        "overridden": 0,
        "withdrawn": 0,
        "open": 0,
        "months": [],
    }


async def test_tells_each_scrub_with_what_judged_it(validation: Running) -> None:
    await validation.deliver(assigned("E11"), at=NOW)
    await rejected(validation)
    first = await validation.instant()
    await validation.client.post("/v1/scrubs/EN-1/overrides", json=OVERRIDE)
    await validation.deliver(assigned("E119", coding_version=2), at=NOW + timedelta(days=900))

    items = (await found(validation, "/v1/scrubs/EN-1/history"))["items"]
    then = (await validation.then("/v1/scrubs/EN-1/history", first)).json()["items"]

    statuses = [each["status"] for each in items if each["status"] != "waiting"]
    overridden, validated = items[len(then)], items[len(then) + 1]
    assert statuses == ["rejected", "overridden", "validated", "lapsed", "validated"]
    assert (items[0]["status"], then[-1]["status"], then) == ("waiting", "rejected", items[: len(then)])
    assert (overridden["by"], overridden["note"], len(overridden["findings"])) == ("clerk-1", OVERRIDE["note"], 1)
    assert [each["rule_set_version"] for each in (then[-1], validated)] == [RULE_SET_VERSION] * 2
    assert any("icd10cm" in edition for edition in validated["editions"])
    assert {each["overridden"] is None for each in validated["findings"]} == {True, False}


async def test_has_no_history_of_what_was_never_scrubbed(validation: Running) -> None:
    answer = await validation.client.get("/v1/scrubs/EN-404/history")

    assert (answer.status_code, slug(answer)) == (404, "scrub-not-found")


async def test_says_what_a_scrub_would_be_answered(validation: Running) -> None:
    await validation.deliver(*REGISTERED, ENCOUNTER, assigned("E119"), at=datetime(2026, 3, 10, tzinfo=UTC))
    facts = len(await validation.facts())
    answer = await sent_after_asking(validation, "/v1/scrubs", json={"encounter_id": "EN-1"})
    nobody = await sent_after_asking(validation, "/v1/scrubs", json={"encounter_id": "EN-2"})

    assert (answer.status_code, nobody.status_code) == (200, 404)
    assert len(await validation.facts()) > facts
