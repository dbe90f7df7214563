"""The coding case: what it says in words, what comes next, and that nothing typed is lost when codes are refused."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import httpx
import pytest

from apps.console.draft import Diagnosis, Draft, Line
from apps.console.main import console
from apps.console.pages.coding import age, first_gap, following, groups, place_name
from apps.console.settings import Settings
from apps.console.sign_in import DevelopmentSignIn
from shared.runtime.tokens import DevelopmentIssuer

VISIT = "0190f3c2-0000-7000-8000-000000000003"
SETTINGS = Settings()
DOCUMENTED: dict[str, Any] = {
    "encounter_id": VISIT,
    "patient_id": "0190f3c2-0000-7000-8000-000000000001",
    "service_from_on": "2026-03-03",
    "service_to_on": "2026-03-03",
    "place_of_service": "11",
    "rendering_provider_id": None,
    "billing_provider_id": None,
    "coverage_ids": [],
    "conditions": [{"codes": [], "text": "sore throat"}],
    "procedures": [
        {"codes": [], "text": "visit", "modifiers": [], "units": 1, "pointers": [1], "service_on": None},
    ],
    "has_note": False,
    "state": "waiting-for-coder",
    "reasons": ["no-diagnosis-code"],
    "codes": None,
}
TYPED = {"dx": "J02.9", "code": "99213", "units": "1", "pointers": "1", "etag": '"1"', "key": "key-1"}


class Coding:
    """Coding as a test wants it; the other services know nothing. **Shape**: `answers` are what assigning gets."""

    def __init__(self) -> None:
        self.answers: list[httpx.Response | None] = []
        self.assigned: list[httpx.Request] = []
        self.asked: list[httpx.Request] = []
        self.titles: list[dict[str, Any]] = []
        self.etag = '"1"'
        self.is_silent = False

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        self.asked.append(request)
        if request.url.path.endswith("/code-assignments"):
            self.assigned.append(request)
            answer = self.answers.pop(0)
            if answer is not None:
                return answer
        elif not self.is_silent and request.url.path.endswith(f"/encounters/{VISIT}"):
            return httpx.Response(200, json=DOCUMENTED, headers={"ETag": self.etag})
        elif not self.is_silent and request.url.path.endswith("/v1/code-titles"):
            return httpx.Response(200, json={"items": self.titles})
        elif not self.is_silent:
            return refusal(404, "not-found", "nothing is known")
        raise httpx.ConnectError("silent", request=request)


def refusal(status: int, slug: str, detail: str) -> httpx.Response:
    return httpx.Response(status, json={"type": f"/problems/{slug}", "status": status, "detail": detail})


@pytest.fixture
def coding() -> Coding:
    return Coding()


@pytest.fixture
async def coder(coding: Coding, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    DevelopmentIssuer.from_folder(tmp_path, "issuer")
    sign_in = DevelopmentSignIn(tmp_path / "issuer.json", "issuer", "demo", environment="development")
    app = console(SETTINGS, sign_in, dict.fromkeys(SETTINGS.urls, httpx.MockTransport(coding.answer)))
    headers = {"Sec-Fetch-Site": "same-origin"}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="https://console.test", headers=headers) as client:
        await client.post("/sign-in", data={"account": "ann", "role": "coder", "to": "/components"})
        yield client


async def sent(coder: httpx.AsyncClient, what: str = "assign", **changed: str | list[str]) -> httpx.Response:
    found = re.search(r'name="form_token" value="([^"]+)"', (await coder.get("/components")).text)
    assert found
    fields = {**TYPED, "form_token": found[1], **changed}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return await coder.post(f"/encounter/{VISIT}/{what}", content=urlencode(fields, doseq=True), headers=headers)


def value_of(page: httpx.Response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, name
    return found[1].replace("&#34;", '"')


# -- assigning -----------------------------------------------------------------------------------------------------


async def test_codes_are_assigned_as_the_page_showed_the_case_and_once(
    coder: httpx.AsyncClient, coding: Coding
) -> None:
    coding.answers = [httpx.Response(201, json={"coding_version": 1})]

    answer = await sent(coder, then="stay")
    (request,) = coding.assigned

    assert (answer.status_code, answer.headers["location"]) == (303, f"/encounter/{VISIT}")
    assert (request.headers["if-match"], request.headers["idempotency-key"]) == ('"1"', '"key-1"')
    assert json.loads(request.content)["diagnoses"] == ["J02.9"]


async def test_after_somebody_else_what_was_typed_is_kept_and_rests_on_what_stands_now(
    coder: httpx.AsyncClient, coding: Coding
) -> None:
    coding.answers, coding.etag = [refusal(412, "version-differs", "another version")], '"2"'

    page = await sent(coder)

    assert page.status_code == 412
    assert "Somebody else assigned codes meanwhile" in page.text
    assert (value_of(page, "dx"), value_of(page, "code"), value_of(page, "etag")) == ("J02.9", "99213", '"2"')
    assert value_of(page, "key") != "key-1"


async def test_a_refusal_says_why_at_its_field_and_rests_on_what_was_shown(
    coder: httpx.AsyncClient, coding: Coding
) -> None:
    coding.answers, coding.etag = [refusal(422, "not-a-modifier", "a modifier is two letters")], '"2"'

    page = await sent(coder, modifiers="259")

    assert page.status_code == 422
    assert "Not assigned: a modifier is two letters." in page.text
    assert re.search(r'id="modifiers-1"[^>]* value="259"[^>]* aria-invalid="true"[^>]* autofocus', page.text)
    assert value_of(page, "etag") == '"1"'


async def test_what_cannot_be_read_is_not_sent(coder: httpx.AsyncClient, coding: Coding) -> None:
    page = await sent(coder, units="two")

    assert page.status_code == 422
    assert "Line 1: units are a whole number." in page.text
    assert coding.assigned == []


async def test_where_coding_is_silent_the_same_request_can_be_sent_again(
    coder: httpx.AsyncClient, coding: Coding
) -> None:
    coding.answers, coding.is_silent = [None], True

    page = await sent(coder, first_on="2026-03-03", last_on="2026-03-03")

    assert page.status_code == 502
    assert "nobody knows whether these codes were assigned" in page.text
    assert (value_of(page, "dx"), value_of(page, "key"), value_of(page, "etag")) == ("J02.9", "key-1", '"1"')


# -- while it is typed ---------------------------------------------------------------------------------------------


async def test_a_proposal_has_a_gap_where_the_documentation_has_only_words(coder: httpx.AsyncClient) -> None:
    page = await coder.get(f"/encounter/{VISIT}")

    assert "sore throat" in page.text
    assert re.search(r'id="dx-1"[^>]* value=""[^>]* autofocus', page.text)


async def test_a_step_on_rows_keeps_what_is_typed_with_its_key(coder: httpx.AsyncClient, coding: Coding) -> None:
    page = await sent(coder, "draft", do="add line")

    assert len(re.findall('name="code"', page.text)) == 2
    assert (value_of(page, "dx"), value_of(page, "key"), value_of(page, "etag")) == ("J02.9", "key-1", '"1"')
    assert coding.assigned == []


async def test_what_somebody_looks_for_stands_in_no_address_of_the_visit(
    coder: httpx.AsyncClient, coding: Coding
) -> None:
    coding.asked.clear()
    await sent(coder, "choices", dx="asthma", at="dx 1")
    about_codes = [each for each in coding.asked if each.url.path.endswith("/v1/codes")]

    assert [parse_qs(each.url.query.decode())["search"] for each in about_codes] == [["asthma"]]
    assert [each for each in coding.asked if VISIT in str(each.url) and "asthma" in str(each.url)] == []


@pytest.mark.parametrize("count", [1, 12])
async def test_codes_get_their_titles_in_one_question(coder: httpx.AsyncClient, coding: Coding, count: int) -> None:
    rows = {"code": ["99213"] * count, "units": ["1"] * count, "pointers": ["1"] * count}
    codes = [f"J{n}.9" for n in range(10, 10 + count)]
    title = {"system": "icd10cm", "code": "J109", "title": "Made up for this", "is_billable": True, "is_in_force": True}
    coding.titles = [title]
    coding.asked.clear()
    page = await sent(coder, "try", dx=codes, **rows)
    (asked,) = [json.loads(each.content) for each in coding.asked if each.url.path.endswith("/v1/code-titles")]

    assert asked["on"] == "2026-03-03"
    assert [each["code"] for each in asked["codes"]] == [each.replace(".", "") for each in codes] + ["99213"]
    assert "Made up for this" in page.text
    assert len(coding.asked) == 4  # the visit, titles, the patient, and what the rules say


async def test_words_that_are_no_code_yet_are_not_asked_for(coder: httpx.AsyncClient, coding: Coding) -> None:
    coding.asked.clear()
    await sent(coder, "try", dx="sore throat")
    (asked,) = [json.loads(each.content) for each in coding.asked if each.url.path.endswith("/v1/code-titles")]

    assert [each["system"] for each in asked["codes"]] == ["cpt"]


@pytest.mark.parametrize("role", ["biller", "front-desk"])
async def test_who_may_not_code_reads(coder: httpx.AsyncClient, role: str) -> None:
    await coder.post("/sign-in", data={"account": "ann", "role": role, "to": "/components"})

    page = await coder.get(f"/encounter/{VISIT}")

    assert page.status_code == 200
    assert "No codes yet" in page.text
    assert "/assign" not in page.text


# -- words, order --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("waiting", "after"), [(("a", "b", "c"), "c"), (("a", "b"), "a"), (("b",), ""), ((), ""), (("x", "y"), "x")]
)
def test_the_next_case_is_the_one_below_then_the_first_other(waiting: tuple[str, ...], after: str) -> None:
    assert following(waiting, "b") == after


@pytest.mark.parametrize(
    ("birth_on", "on", "said"),
    [
        ("1959-08-14", "2026-08-13", "66 years"),
        ("1959-08-14", "2026-08-14", "67 years"),
        ("2024-03-04", "2026-03-03", "23 months"),
        ("2026-02-03", "2026-03-03", "1 month"),
        ("2026-03-01", "2026-03-03", "0 months"),
        ("2026-03-04", "2026-03-03", "born later"),
        (None, "2026-03-03", ""),
    ],
)
def test_an_age_is_that_at_the_service(birth_on: str | None, on: str, said: str) -> None:
    assert age(birth_on, on) == said


@pytest.mark.parametrize(("code", "name"), [("11", "Office"), ("98", ""), (None, "")])
def test_a_place_has_its_name(code: str | None, name: str) -> None:
    assert place_name(code) == name


def test_a_form_begins_at_its_first_gap() -> None:
    assert first_gap(Draft(diagnoses=(Diagnosis(code="I10"), Diagnosis()), lines=(Line(),))) == "dx-2"
    assert first_gap(Draft(diagnoses=(Diagnosis(code="I10"),), lines=(Line(code="99213"), Line()))) == "code-2"
    assert first_gap(Draft(diagnoses=(Diagnosis(code="I10"),), lines=(Line(code="99213"),))) == "dx-1"


def test_failures_of_a_rule_pass_together_and_only_where_that_may_be() -> None:
    passed = {"reason": "payer-allows", "overridden_by": "ann", "overridden_at": "2026-03-03T10:00:00Z"}
    findings: list[dict[str, Any]] = [
        {"rule_id": "duplicate_line", "outcome": "fail", "overridden": passed},
        {"rule_id": "line_dates", "outcome": "fail", "overridden": None},
        {"rule_id": "duplicate_line", "outcome": "fail", "overridden": passed},
        {"rule_id": "ncci_pair_edit", "outcome": "no-data", "overridden": None},
    ]
    rules = [{"rule_id": "duplicate_line", "overridable": True}, {"rule_id": "line_dates", "overridable": False}]

    found = groups(findings, rules)

    assert [(each["rule_id"], len(each["findings"]), each["may_pass"], each["overridden"]) for each in found] == [
        ("duplicate_line", 2, True, passed),
        ("line_dates", 1, False, None),
    ]
