"""Rules of payers over the whole service in memory: from a draft to what a claim is told."""

from collections.abc import AsyncIterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from itertools import islice, permutations
from typing import Any, Final

import pytest
from httpx import Response
from msgspec import structs

from services.validation.domain.payer_rule.draft import Drafted
from services.validation.domain.payer_rule.field import FIELDS
from services.validation.domain.payer_rule.in_force import ActivateRule
from services.validation.domain.payer_rule.reading import draft_of
from services.validation.domain.rules import RULE_SET_VERSION, RULES
from services.validation.main import service
from services.validation.settings import Settings
from shared.events.coding import CodesAssigned
from shared.events.envelope import Event
from tests.support.histories import retold
from tests.support.memory import CLERK, Running, running, token
from tests.unit.validation.domain.payer_rule.rules import RAW, RULE_ID, raw
from tests.unit.validation.driver import TABLES, Driver
from tests.unit.validation.samples import (
    BILLING,
    COVERAGE,
    ENCOUNTER,
    NOW,
    PATIENT,
    PAYER,
    RENDERING,
    SERVICE_ON,
    assigned,
)

PATH: Final = f"/v1/payer-rules/{RULE_ID}"
Json = dict[str, Any]


@pytest.fixture
async def validation() -> AsyncIterator[Running]:
    async with running(service(Settings(), TABLES)) as started:
        yield started


def slug(answer: Response) -> str:
    return str(answer.json()["type"]).rsplit("/", 1)[-1]


async def post(validation: Running, path: str, body: Json | None = None) -> Json:
    answer = await validation.client.post(path, json=body or {})
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def found(validation: Running, path: str, **params: Any) -> Any:  # noqa: ANN401 (JSON)
    return (await validation.client.get(path, params=params)).json()


def contradicted() -> Json:
    """Return the rule with a case that it contradicts."""
    whole = deepcopy(RAW)
    whole["cases"].append(whole["cases"][1] | {"name": "the other way round", "expects": "found"})
    return whole


async def test_checks_a_draft_and_keeps_nothing(validation: Running) -> None:
    fine = await post(validation, "/v1/payer-rule-checks", RAW)
    wrong = await post(validation, "/v1/payer-rule-checks", contradicted())

    assert (fine["passes"], [each["says"] for each in fine["cases"]]) == (True, ["found", "nothing"])
    assert (wrong["passes"], [each["says"] for each in wrong["cases"]]) == (False, ["found", "nothing", "nothing"])
    assert fine["rule"]["payer_ids"] == ["PY-1"]
    assert await validation.facts() == []


async def test_says_which_places_of_a_draft_make_no_sense(validation: Running) -> None:
    whole = raw(finds={"kind": "has", "field": "line.procedure", "any_of": ["Sample", "99215-99202"]})
    for path in ("/v1/payer-rule-checks", f"{PATH}/versions"):
        answer = await validation.client.post(path, json=whole)

        assert (answer.status_code, slug(answer)) == (422, "payer-rule-malformed")
        assert [(each["pointer"], each["code"]) for each in answer.json()["errors"]] == [
            ("/rule/finds/any_of/0", "code-form"),
            ("/rule/finds/any_of/1", "range-reversed"),
        ]
        assert all(each["why"] for each in answer.json()["errors"])
        assert "Sample" not in answer.text
    assert await validation.facts() == []


async def test_keeps_no_version_that_contradicts_its_cases(validation: Running) -> None:
    answer = await validation.client.post(f"{PATH}/versions", json=contradicted())

    assert (answer.status_code, slug(answer)) == (409, "payer-rule-cases-fail")
    assert [each["pointer"] for each in answer.json()["errors"]] == ["/cases/2"]
    assert await validation.facts() == []


@pytest.mark.parametrize("rule_id", ["visit", "diagnosis_billable", "payer-", "payer-A", "payer-" + "x" * 60])
async def test_a_rule_of_a_payer_cannot_take_any_other_name(validation: Running, rule_id: str) -> None:
    answer = await validation.client.post(f"/v1/payer-rules/{rule_id}/versions", json=RAW)

    assert (answer.status_code, slug(answer)) == (422, "malformed-request")


async def test_a_draft_advises_then_stops_claims_then_retires(validation: Running) -> None:
    first = await post(validation, f"{PATH}/versions", RAW)
    again = await post(validation, f"{PATH}/versions", RAW)
    second = await post(validation, f"{PATH}/versions", raw(title="A title that says more"))
    drafted = await found(validation, PATH)
    advised = await post(validation, f"{PATH}/advisories", {"version": 2})
    enforced = await post(validation, f"{PATH}/enforcements", {"version": 2})
    listed = await found(validation, "/v1/payer-rules")
    retired = await post(validation, f"{PATH}/retirements")

    assert (first["version"], again["version"], second["version"]) == (1, 1, 2)
    assert ([each["version"] for each in drafted["versions"]], drafted["terms"]) == ([1, 2], [])
    assert [each["name"] for each in drafted["versions"][0]["cases"]] == [each["name"] for each in RAW["cases"]]
    assert [(each["mode"], each["number"]) for each in advised["terms"]] == [("advisory", 1)]
    assert [(each["version"], each["mode"], each["number"]) for each in enforced["terms"]] == [
        (2, "advisory", 1),
        (2, "enforcing", 2),
    ]
    assert enforced["terms"][0]["in_force_until"] == enforced["terms"][1]["in_force_from"]
    assert listed["number"] == 2
    assert [(each["rule_id"], each["latest_version"], each["action"]) for each in listed["items"]] == [
        (RULE_ID, 2, "fix")
    ]
    assert listed["items"][0]["terms"] == enforced["terms"]
    assert retired["terms"] == []
    assert [each["what"] for each in retired["history"]] == [
        "drafted",
        "drafted",
        "activated",
        "activated",
        "retired",
    ]


async def test_tells_a_rule_as_of_an_instant(validation: Running) -> None:
    await post(validation, f"{PATH}/versions", RAW)
    drafted = await validation.instant()
    await post(validation, f"{PATH}/advisories", {"version": 1})

    then = (await validation.then(PATH, drafted)).json()

    assert (len(then["versions"]), then["terms"]) == (1, [])
    assert len((await found(validation, PATH))["terms"]) == 1


@pytest.mark.parametrize(
    ("path", "body", "status", "refusal"),
    [
        ("advisories", {"version": 2}, 404, "payer-rule-not-found"),
        ("advisories", {"version": 0}, 422, "malformed-request"),
        ("advisories", {"version": 1, "in_force_from": "2026-03-03T00:00:00Z"}, 409, "payer-rule-in-the-past"),
        ("advisories", {"version": 1, "in_force_from": "2026-03-03T00:00:00"}, 422, "malformed-request"),
        ("enforcements", {"version": 1}, 409, "payer-rule-not-advised"),
        ("retirements", {}, 404, "payer-rule-not-in-force"),
        ("versions", {"rule": {}}, 422, "malformed-request"),
        ("versions", RAW | {"more": 1}, 422, "malformed-request"),
    ],
)
async def test_refuses_what_makes_no_sense(
    validation: Running, path: str, body: Json, status: int, refusal: str
) -> None:
    await post(validation, f"{PATH}/versions", RAW)
    before = await validation.facts()

    answer = await validation.client.post(f"{PATH}/{path}", json=body)

    assert (answer.status_code, slug(answer)) == (status, refusal)
    assert await validation.facts() == before


async def test_knows_no_rule_that_nobody_wrote(validation: Running) -> None:
    answers = [
        await validation.client.get("/v1/payer-rules/payer-nobody"),
        await validation.client.post("/v1/payer-rules/payer-nobody/advisories", json={"version": 1}),
    ]

    assert [(answer.status_code, slug(answer)) for answer in answers] == [(404, "payer-rule-not-found")] * 2


async def test_who_writes_rules_lets_none_stop_claims(validation: Running) -> None:
    await post(validation, f"{PATH}/versions", RAW)
    await post(validation, f"{PATH}/advisories", {"version": 1})
    writer = token(validation.engine.service, scopes=["validation.rules"])
    approver = token(validation.engine.service, scopes=["validation.rules.approve"])

    async def status(path: str, body: Json, bearer: str) -> int:
        headers = {"Authorization": f"Bearer {bearer}"}
        return (await validation.client.post(f"{PATH}/{path}", json=body, headers=headers)).status_code

    assert await status("enforcements", {"version": 1}, writer) == 403
    assert await status("versions", RAW, approver) == 403
    assert await status("versions", RAW, writer) == 200
    assert await status("enforcements", {"version": 1}, approver) == 200


async def test_a_later_begin_is_shown_as_such(validation: Running) -> None:
    await post(validation, f"{PATH}/versions", RAW)
    begins = datetime.now(UTC) + timedelta(days=7)  # noqa: TID251 (as the route)

    (term,) = (await post(validation, f"{PATH}/advisories", {"version": 1, "in_force_from": begins.isoformat()}))[
        "terms"
    ]

    assert datetime.fromisoformat(term["in_force_from"]) == begins


async def test_a_tenant_sees_its_own_rules_alone(validation: Running) -> None:
    await post(validation, f"{PATH}/versions", RAW)
    await post(validation, f"{PATH}/advisories", {"version": 1})
    stranger = {"Authorization": f"Bearer {token(validation.engine.service, tenant_id='other')}"}

    listed = (await validation.client.get("/v1/payer-rules", headers=stranger)).json()
    shown = await validation.client.get(PATH, headers=stranger)

    assert (listed["number"], listed["items"], shown.status_code) == (0, [], 404)


async def test_lists_what_may_be_asked(validation: Running) -> None:
    items = (await found(validation, "/v1/payer-rule-fields"))["items"]

    assert [each["field"] for each in items] == list(FIELDS)
    assert {each["kind"] for each in items} == {"codes", "number", "day", "flag"}


PATIENT_PAYER: Final = structs.replace(PAYER, filing_limit_days=36_500)  # also by the clock of the routes
FACTS: Final = (PATIENT, COVERAGE, PATIENT_PAYER, RENDERING, BILLING, ENCOUNTER)
ALWAYS: Final = raw(applies=None)
DRAFTED: Final = Drafted(rule_id=RULE_ID, version=1, draft=draft_of(ALWAYS), drafted_by="clerk-1", drafted_at=NOW)
OVERRIDE: Final = {"rule_id": RULE_ID, "coding_version": 1, "reason": "payer-allows"}


def just_coded(coding_version: int = 1) -> CodesAssigned:
    """Return codes that were assigned now; what the rule asks for is missing."""
    now = datetime.now(UTC)  # noqa: TID251 (as the routes, whose clock says from when a rule is in force)
    return structs.replace(assigned("E119", coding_version=coding_version), assigned_at=now)


async def advising(validation: Running, body: Json = ALWAYS) -> None:
    await post(validation, f"{PATH}/versions", body)
    await post(validation, f"{PATH}/advisories", {"version": 1})


async def enforcing(validation: Running, body: Json = ALWAYS) -> None:
    await advising(validation, body)
    await post(validation, f"{PATH}/enforcements", {"version": 1})


async def scrubbed(validation: Running, *, again: bool = False) -> tuple[str, str, list[Json]]:
    """Return how the scrub stands, which rules ran, and what the rule of the payer found."""
    if again:
        await post(validation, "/v1/scrubs", {"encounter_id": "EN-1"})
    shown = await found(validation, "/v1/scrubs/EN-1")
    return (
        shown["status"],
        shown["rule_set_version"].removeprefix(RULE_SET_VERSION),
        [each for each in shown["findings"] if each["rule_id"] == RULE_ID],
    )


async def test_an_advisory_rule_warns_of_new_claims_and_stops_none(validation: Running) -> None:
    await advising(validation)
    await validation.deliver(*FACTS, just_coded())

    status, ran, (finding,) = await scrubbed(validation)
    (listed,) = (await found(validation, "/v1/findings", rule_id=RULE_ID))["items"]

    assert (status, ran) == ("validated", "+1")
    assert (finding["severity"], finding["rule_version"], finding["line_no"]) == ("warning", 1, 1)
    assert finding["proposed"] == {
        "change": "add",
        "field": "modifiers",
        "line_no": 1,
        "value": "25",
        "instead_of": None,
    }
    assert (listed["owner"], listed["payer_id"]) == ("coder", "PY-1")
    assert listed["places"][0]["proposed"] == finding["proposed"]
    assert await validation.parked() == []


async def test_an_enforced_rule_stops_new_claims(validation: Running) -> None:
    await enforcing(validation)
    await validation.deliver(*FACTS, just_coded())

    status, ran, (finding,) = await scrubbed(validation)

    assert (status, ran, finding["severity"]) == ("rejected", "+2", "error")
    assert [each["encounter_id"] for each in (await found(validation, "/v1/worklists/rejected-codes"))["items"]] == [
        "EN-1"
    ]


async def test_a_next_version_advises_beside_the_one_that_is_enforced(validation: Running) -> None:
    await enforcing(validation)
    await post(validation, f"{PATH}/versions", raw(applies=None, title="A title that says more"))
    shown = await post(validation, f"{PATH}/advisories", {"version": 2})
    await validation.deliver(*FACTS, just_coded())
    status, ran, both = await scrubbed(validation)
    listed = [each for each in (await found(validation, "/v1/rules"))["items"] if each["rule_id"] == RULE_ID]
    one = await found(validation, f"/v1/rules/{RULE_ID}")
    passed = await post(validation, "/v1/scrubs/EN-1/overrides", OVERRIDE)

    assert [each["in_force_until"] is None for each in shown["terms"]] == [False, True, True]
    assert (status, ran) == ("rejected", "+3")
    assert [(each["rule_version"], each["severity"]) for each in both] == [(1, "error"), (2, "warning")]
    assert [(each["version"], each["mode"]) for each in listed] == [(1, "enforcing"), (2, "advisory")]
    assert one == listed[0]
    assert passed["status"] == "validated"


async def test_a_person_lets_its_finding_pass(validation: Running) -> None:
    await enforcing(validation)
    await validation.deliver(*FACTS, just_coded())

    shown = await post(validation, "/v1/scrubs/EN-1/overrides", OVERRIDE)
    statistics = await found(validation, f"/v1/rules/{RULE_ID}/statistics")

    assert shown["status"] == "validated"
    assert [statistics[name] for name in ("raised", "mended", "overridden", "open")] == [1, 0, 1, 0]


async def test_nobody_lets_pass_what_a_rule_does_not_let_pass(validation: Running) -> None:
    await enforcing(validation, raw(applies=None, overridable=False))
    await validation.deliver(*FACTS, just_coded())

    answer = await validation.client.post("/v1/scrubs/EN-1/overrides", json=OVERRIDE)

    assert (answer.status_code, slug(answer)) == (409, "finding-not-overridable")


async def test_codes_that_were_assigned_before_are_judged_as_before(validation: Running) -> None:
    await validation.deliver(*FACTS, just_coded())
    before = await validation.facts()
    await enforcing(validation)
    own = len(await validation.facts())

    once_more = await scrubbed(validation, again=True)

    assert once_more == ("validated", "", [])
    assert len(await validation.facts()) == own
    assert (await validation.facts())[: len(before)] == before


async def test_later_codes_of_the_same_encounter_are_judged(validation: Running) -> None:
    await validation.deliver(*FACTS, just_coded())
    await enforcing(validation)
    await validation.deliver(just_coded(2))

    status, ran, findings = await scrubbed(validation)

    assert (status, ran, len(findings)) == ("rejected", "+2", 1)


async def test_what_a_retired_rule_found_goes_with_the_next_scrub(validation: Running) -> None:
    await enforcing(validation)
    await validation.deliver(*FACTS, just_coded())
    await post(validation, f"{PATH}/retirements")
    stands, _, _ = await scrubbed(validation)

    once_more = await scrubbed(validation, again=True)
    statistics = await found(validation, f"/v1/rules/{RULE_ID}/statistics")

    assert stands == "rejected"
    assert once_more == ("validated", "+3", [])
    assert (await found(validation, "/v1/findings", rule_id=RULE_ID))["items"] == []
    assert statistics["mended"] == 1


async def test_codes_are_tried_with_them_too(validation: Running) -> None:
    await enforcing(validation)
    tried = {
        "validate_only": True,
        "service_on": str(SERVICE_ON),
        "diagnoses": ["E11.9"],
        "lines": [{"procedure_code": "99213", "service_from_on": str(SERVICE_ON)}],
        "coverages": [{"effective_from_on": "2026-01-01", "payer_id": "PY-1", "filing_limit_days": 36_500}],
    }

    own = await post(validation, "/v1/scrubs", tried)
    del tried["coverages"]
    of_nobody = await post(validation, "/v1/scrubs", tried)

    assert own["rule_set_version"] == f"{RULE_SET_VERSION}+2"
    assert RULE_ID in {each["rule_id"] for each in own["findings"]}
    assert RULE_ID not in {each["rule_id"] for each in of_nobody["findings"]}


async def test_the_catalogue_has_what_judges_beside_the_rules_of_the_program(validation: Running) -> None:
    await post(validation, f"{PATH}/versions", ALWAYS)
    drafted = await validation.client.get(f"/v1/rules/{RULE_ID}")
    await post(validation, f"{PATH}/advisories", {"version": 1})
    every = await found(validation, "/v1/rules")
    one = await found(validation, f"/v1/rules/{RULE_ID}")
    sets = await found(validation, "/v1/rule-sets")
    await post(validation, f"{PATH}/enforcements", {"version": 1})
    enforced = await found(validation, f"/v1/rules/{RULE_ID}")

    assert drafted.status_code == 404
    assert [each["rule_id"] for each in every["items"]] == [*(rule.id for rule in RULES), RULE_ID]
    assert every["items"][-1] == one
    assert every["rule_set_version"] == f"{RULE_SET_VERSION}+1"
    assert (one["mode"], one["severity"], one["authority"]) == ("advisory", "warning", "payer")
    assert (enforced["mode"], enforced["severity"]) == ("enforcing", "error")
    assert (sets["payer_rules_number"], sets["payer_rules"][0]["rule_id"]) == (1, RULE_ID)
    assert {each["mode"] for each in every["items"][:-1]} == {None}


async def test_the_rules_of_one_tenant_judge_no_claim_of_another(validation: Running) -> None:
    stranger = {"Authorization": f"Bearer {token(validation.engine.service, tenant_id='other')}"}
    for path, body in (("versions", ALWAYS), ("advisories", {"version": 1}), ("enforcements", {"version": 1})):
        assert (await validation.client.post(f"{PATH}/{path}", json=body, headers=stranger)).status_code == 200
    await validation.deliver(*FACTS, just_coded())

    assert await scrubbed(validation) == ("validated", "", [])


def test_every_order_of_the_facts_ends_in_the_same_state() -> None:
    def after(order: tuple[Event, ...]) -> Driver:
        driver = Driver()
        driver.handle(ActivateRule(drafted=DRAFTED, mode="advisory", in_force_from=None, actor=CLERK, now=NOW), now=NOW)
        driver.take(*order)
        return driver

    facts = (*FACTS, assigned("E119"))
    expected = after(facts)
    differing = [order for order in islice(permutations(facts), 0, None, 7) if after(order).end() != expected.end()]

    assert differing == []
    assert [each.rule_id for each in expected.row("scrubs", "EN-1").findings].count(RULE_ID) == 1


async def test_a_repeat_of_a_fact_adds_nothing_under_rules_of_payers(validation: Running) -> None:
    await enforcing(validation)
    codes = just_coded()
    await validation.deliver(*FACTS, codes)
    before = await validation.facts()
    await post(validation, "/v1/payer-rules/payer-other/versions", ALWAYS)
    await post(validation, "/v1/payer-rules/payer-other/advisories", {"version": 1})
    others = len(await validation.facts()) - len(before)
    await validation.deliver(*FACTS, codes)

    assert len(await validation.facts()) == len(before) + others
    assert await scrubbed(validation) == await scrubbed(validation, again=True)
    assert await retold(validation.engine) == {"scrubs": 1}
