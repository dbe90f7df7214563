"""`shared/clients/validation.py` against the real service in memory."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec import structs

from services.validation.main import service
from services.validation.settings import Settings
from shared.clients.problem import ProblemAnswered
from shared.clients.validation import CodesToTry, CoverageToTry, FindingsAsked, LineToTry, ValidationClient
from tests.support.memory import Running, running
from tests.unit.validation.domain.payer_rule.rules import RAW, RULE_ID
from tests.unit.validation.driver import TABLES
from tests.unit.validation.samples import BILLING, COVERAGE, ENCOUNTER, NOW, PATIENT, PAYER, RENDERING, assigned

SERVICE_ON = date(2026, 3, 3)


@pytest.fixture
async def validation() -> AsyncIterator[Running]:
    async with running(service(Settings(), TABLES)) as started:
        await started.deliver(PATIENT, COVERAGE, PAYER, RENDERING, BILLING, ENCOUNTER, assigned("E11"), at=NOW)
        yield started


async def test_shows_and_repeats_a_scrub(validation: Running) -> None:
    client = ValidationClient(validation.client)

    shown, again = await client.scrub("EN-1"), await client.scrub_again("EN-1")

    assert (shown["status"], again["status"]) == ("rejected", "rejected")


async def test_yields_findings_over_all_pages(validation: Running) -> None:
    other = structs.replace(ENCOUNTER, encounter_id="EN-2")
    await validation.deliver(other, structs.replace(assigned("E11"), encounter_id="EN-2"), at=NOW)
    client = ValidationClient(validation.client)

    every = [(each["encounter_id"], each["rule_id"]) async for each in client.findings(page_size=1)]
    asked = FindingsAsked(severity="error", owner="coder")
    errors = [each["encounter_id"] async for each in client.findings(asked)]

    assert every == [
        ("EN-1", "diagnosis_billable"),
        ("EN-1", "duplicate_service"),
        ("EN-2", "diagnosis_billable"),
        ("EN-2", "duplicate_service"),  # the same service of the same day
    ]
    assert errors == ["EN-1", "EN-1", "EN-2", "EN-2"]


async def test_tries_codes(validation: Running) -> None:
    codes = CodesToTry(
        service_on=SERVICE_ON,
        diagnoses=("E11.9",),
        lines=(LineToTry(procedure_code="G0438", service_from_on=SERVICE_ON),),
        place_of_service="11",
        birth_on=date(1970, 5, 15),
        sex="female",
        billing_npi="1987654328",
        coverages=(CoverageToTry(effective_from_on=date(2026, 1, 1), filing_limit_months=1_000),),
    )

    standing = await ValidationClient(validation.client).try_codes(codes)

    assert standing["status"] == "validated"
    assert {each["rule_id"] for each in standing["findings"] if each["missing_table"] is None} == {
        "rendering_provider_complete"  # who treated the patient is not among the codes
    }


async def test_raises_what_the_service_refuses(validation: Running) -> None:
    with pytest.raises(ProblemAnswered):
        await ValidationClient(validation.client).scrub("EN-404")


async def test_lets_a_finding_pass_and_tells_how_it_came(validation: Running) -> None:
    client = ValidationClient(validation.client)

    standing = await client.override(
        "EN-1", "diagnosis_billable", coding_version=1, reason="payer-allows", note="They said so."
    )
    history = await client.history("EN-1")
    before = await client.history("EN-1", as_of=datetime.fromisoformat(history[0]["recorded_at"]))

    found = [each["overridden"] for each in standing["findings"] if each["rule_id"] == "diagnosis_billable"]
    assert [each["reason"] for each in found] == ["payer-allows"]
    assert [each["status"] for each in history[:2]] == ["rejected", "overridden"]
    assert [each["status"] for each in before] == ["rejected"]


async def test_withdraws_what_was_let_pass(validation: Running) -> None:
    client = ValidationClient(validation.client)
    await client.override("EN-1", "diagnosis_billable", coding_version=1, reason="payer-allows")

    standing = await client.withdraw("EN-1", "diagnosis_billable", coding_version=1, note="They did not.")

    assert standing["status"] == "rejected"
    assert [each["status"] for each in await client.history("EN-1")][-2:] == ["lapsed", "rejected"]


async def test_counts_findings(validation: Running) -> None:
    client = ValidationClient(validation.client)

    assert await client.finding_counts("payer_id", FindingsAsked(severity="error")) == {"PY-1": 1}
    assert await client.finding_counts("owner", FindingsAsked(age_days_min=36_000)) == {}
    assert (await client.finding_counts("rule_id"))["diagnosis_billable"] == 1


async def test_looks_rules_up(validation: Running) -> None:
    client = ValidationClient(validation.client)
    rules, one = await client.rules(), await client.rule("diagnosis_billable")
    statistics, (current, *_) = await client.rule_statistics("diagnosis_billable"), (await client.rule_sets())[::-1]

    assert one in rules
    assert (statistics["raised"], statistics["open"]) == (1, 1)
    assert len(current["rules"]) == len(rules)


async def test_rules_change_on_the_version_that_was_seen(validation: Running) -> None:
    client = ValidationClient(validation.client)
    drafted = await client.draft_payer_rule(RULE_ID, RAW["rule"], RAW["cases"])
    advised = await client.advise_payer_rule(RULE_ID, 1, etag=drafted.etag)
    seen = await client.payer_rule(RULE_ID)
    with pytest.raises(ProblemAnswered) as refused:
        await client.retire_payer_rule(RULE_ID, etag=drafted.etag)
    retired = await client.retire_payer_rule(RULE_ID, etag=seen.etag)

    assert refused.value.status == 412
    assert (drafted.etag, advised.etag, seen.etag, retired.etag) == ('"0"', '"1"', '"1"', '"2"')


async def test_a_finding_passes_on_the_version_that_was_seen(validation: Running) -> None:
    client = ValidationClient(validation.client)
    seen = await client.scrub("EN-1")
    await client.override(
        "EN-1", "diagnosis_billable", coding_version=1, reason="payer-allows", note="A.", etag=seen.etag
    )
    with pytest.raises(ProblemAnswered) as refused:
        await client.withdraw("EN-1", "diagnosis_billable", coding_version=1, note="B.", etag=seen.etag)

    assert refused.value.status == 412


async def test_takes_a_rule_of_a_payer_from_a_draft_to_its_end(validation: Running) -> None:
    client = ValidationClient(validation.client)
    rule, cases = RAW["rule"], RAW["cases"]

    checked = await client.check_payer_rule(rule, cases)
    drafted = await client.draft_payer_rule(RULE_ID, rule, cases)
    advised = await client.advise_payer_rule(RULE_ID, 1)
    enforced = await client.enforce_payer_rule(RULE_ID, 1, in_force_from=datetime.now(UTC) + timedelta(days=1))  # noqa: TID251 (as the route)
    await client.draft_payer_rule("payer-other", rule, cases)
    listed = [each["rule_id"] async for each in client.payer_rules(page_size=1)]
    retired = await client.retire_payer_rule(RULE_ID)
    before = await client.payer_rule(RULE_ID, as_of=datetime.fromisoformat(advised["history"][0]["recorded_at"]))

    assert (checked["passes"], drafted["version"]) == (True, 1)
    assert [len(each["terms"]) for each in (advised, enforced, retired, before)] == [1, 2, 0, 0]
    assert listed == ["payer-other", RULE_ID]
    assert {each["kind"] for each in await client.payer_rule_fields()} == {"codes", "number", "day", "flag"}


async def test_says_which_places_of_a_rule_make_no_sense(validation: Running) -> None:
    wrong = RAW["rule"] | {"finds": {"kind": "has", "field": "line.shoe", "any_of": ["44"]}}

    with pytest.raises(ProblemAnswered, match=r"payer-rule-malformed.*/rule/finds/field"):
        await ValidationClient(validation.client).draft_payer_rule(RULE_ID, wrong, RAW["cases"])


async def test_tries_codes_of_a_payer(validation: Running) -> None:
    client = ValidationClient(validation.client)
    rule = RAW["rule"] | {"applies": None}
    await client.draft_payer_rule(RULE_ID, rule, RAW["cases"])
    await client.advise_payer_rule(RULE_ID, 1)

    async def found_for(payer_id: str | None) -> set[str]:
        coverage = CoverageToTry(effective_from_on=date(2026, 1, 1), payer_id=payer_id, claim_filing_indicator="12")
        visit = LineToTry(procedure_code="99213", service_from_on=SERVICE_ON)
        codes = CodesToTry(service_on=SERVICE_ON, diagnoses=("E11.9",), lines=(visit,), coverages=(coverage,))
        return {each["rule_id"] for each in (await client.try_codes(codes))["findings"]}

    assert RULE_ID in await found_for("PY-1")
    assert RULE_ID not in await found_for(None)
