"""Rules of payers over the whole service in memory: from a draft to what a claim is told."""

from collections.abc import AsyncIterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from httpx import Response

from services.validation.domain.payer_rule.field import FIELDS
from services.validation.main import service
from services.validation.settings import Settings
from tests.support.memory import Running, running, token
from tests.unit.validation.domain.payer_rule.rules import RAW, RULE_ID, raw
from tests.unit.validation.driver import TABLES

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
