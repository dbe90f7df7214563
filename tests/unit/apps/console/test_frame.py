"""The frame around every page: who is signed in, which forms are ours, what is said where a service is silent."""

import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from apps.console.live import Live
from apps.console.main import console
from apps.console.sessions import COOKIE
from apps.console.settings import PREFIX, Settings
from apps.console.sign_in import DevelopmentSignIn
from shared.kernel.consistency_token import CONSISTENCY, PositionRange, token_of
from shared.runtime.settings import BadSettings
from shared.runtime.tokens import DevelopmentIssuer

OURS = {"Sec-Fetch-Site": "same-origin"}
CLAIM = "0190f3c2-0000-7000-8000-000000000007"
PATIENT = "0190f3c2-0000-7000-8000-000000000001"
ADA: dict[str, Any] = {
    "patient_id": PATIENT,
    "mrn": "M1",
    "name": {"family": "Sample", "given": "Ada"},
    "birth_on": "1970-05-15",
    "sex": "female",
    "address": None,
    "identifiers": [],
    "coverages": [],
}
SETTINGS = Settings()


class Fakes:
    """Services that answer what they are told; one without an answer is silent."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.asked: list[httpx.Request] = []

    def transports(self) -> Mapping[str, httpx.AsyncBaseTransport]:
        """Return a way to each service."""
        return dict.fromkeys(SETTINGS.urls, httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        found = next((body for path, body in self.answers.items() if request.url.path.endswith(path)), None)
        if found is None:
            raise httpx.ConnectError("silent", request=request)
        return found if isinstance(found, httpx.Response) else httpx.Response(200, json=found)


@pytest.fixture
def fakes() -> Fakes:
    return Fakes()


@pytest.fixture
async def browser(fakes: Fakes, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    DevelopmentIssuer.from_folder(tmp_path, "issuer")
    sign_in = DevelopmentSignIn(tmp_path / "issuer.json", "issuer", "demo", environment="development")
    app = console(SETTINGS, sign_in, fakes.transports())
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://console.test", headers=OURS) as client:
        yield client


async def signed_in(browser: httpx.AsyncClient, role: str = "manager") -> httpx.Response:
    return await browser.post("/sign-in", data={"account": "ann", "role": role, "to": "/components"})


async def form_token(browser: httpx.AsyncClient) -> str:
    found = re.search(r'name="form_token" value="([^"]+)"', (await browser.get("/components")).text)
    assert found
    return found[1]


@pytest.mark.parametrize("path", ["/", "/work", f"/claim/{CLAIM}", "/remittances", "/components", "/live"])
async def test_every_page_asks_who_is_there(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.get(path)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?to=")


async def test_a_session_is_a_cookie_that_no_script_and_no_other_host_can_read(browser: httpx.AsyncClient) -> None:
    answer = await signed_in(browser)
    cookie = answer.headers["set-cookie"]

    assert answer.headers["location"] == "/components"
    assert cookie.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


async def test_no_token_of_a_service_is_in_a_page_or_a_header(browser: httpx.AsyncClient, fakes: Fakes) -> None:
    fakes.answers = {"/v1/worklists": {"worklists": []}}
    await signed_in(browser)
    page = await browser.get("/work")
    token = fakes.asked[0].headers["authorization"].removeprefix("Bearer ")

    assert token
    assert token not in page.text + str(page.headers)


async def test_a_page_loads_nothing_but_our_own_files(browser: httpx.AsyncClient) -> None:
    await signed_in(browser)
    page = await browser.get("/components")
    policy = page.headers["content-security-policy"]

    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert page.headers["cache-control"] == "no-store"
    assert re.findall(r'(?:src|href)="(?:https?:)?//', page.text) == []
    assert re.findall(r"<script>|<style|\sstyle=|\son[a-z]+=", page.text) == []
    for path in re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text):
        assert (await browser.get(path)).status_code == 200, path


@pytest.mark.parametrize(
    ("path", "asked", "shown"),
    [("/", 5 + 2, "$123.45"), ("/work", 5, "list 2"), ("/work/claims/held-claims", 2 + 1, "$123.45")],
)
async def test_worklists_are_one_question_to_each_service(
    browser: httpx.AsyncClient, fakes: Fakes, path: str, asked: int, shown: str
) -> None:
    stakes = {"about": "Look.", "count": 2, "amount_cents": 12_345, "late": 1, "due_within_7_days": 0, "reasons": []}
    fakes.answers = {
        "/v1/worklists": {"worklists": [{"name": f"list-{n}", "owner": "manager", **stakes} for n in range(3)]},
        "/v1/worklists/held-claims": {"items": [], "next": None},
        "/summary": {"owner": "biller", **stakes},
        "/v1/hourly-figures": {"items": []},
        "/v1/payers": {"items": [], "next": None},
    }
    await signed_in(browser)
    page = await browser.get(path)

    assert page.status_code == 200
    assert len(fakes.asked) == asked  # beside the lists the figures of two services, and the names of payers
    assert shown in page.text


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}])
async def test_a_form_of_another_site_does_nothing(
    browser: httpx.AsyncClient, fakes: Fakes, headers: dict[str, str]
) -> None:
    await signed_in(browser)
    form = {"form_token": await form_token(browser), "reason": "checked", "etag": '"1"', "key": "k"}
    fakes.asked.clear()
    foreign = await browser.post(f"/claim/{CLAIM}/release", data=form, headers=headers)
    guessed = await browser.post(f"/claim/{CLAIM}/release", data={**form, "form_token": "guessed"})

    assert [foreign.status_code, guessed.status_code] == [403, 403]
    assert fakes.asked == []


async def test_a_change_names_the_version_that_was_shown_and_a_key(browser: httpx.AsyncClient, fakes: Fakes) -> None:
    await signed_in(browser)
    fakes.answers = {"/releases": {"claim_id": CLAIM}}
    form = {"form_token": await form_token(browser), "reason": "checked", "etag": '"7"', "key": "k1"}
    answer = await browser.post(f"/claim/{CLAIM}/release", data=form)
    sent = fakes.asked[-1].headers

    assert (answer.status_code, answer.headers["location"]) == (303, f"/claim/{CLAIM}")
    assert (sent["if-match"], sent["idempotency-key"]) == ('"7"', '"k1"')
    assert "Released" in (await browser.get("/search")).text
    assert "Released" not in (await browser.get("/search")).text


async def test_a_silent_service_leaves_the_rest_of_the_page(browser: httpx.AsyncClient) -> None:
    await signed_in(browser)
    page = await browser.get("/remittances")

    assert page.status_code == 200
    assert "payments:" in page.text
    assert "does not answer" in page.text


@pytest.mark.parametrize(
    ("path", "untrue"),
    [
        ("/remittances", "posted by itself"),
        ("/remittances", "No check has come in"),
        ("/", "Nothing waits for anybody else"),
        ("/", "Thirty days"),
        (f"/patient/{PATIENT}", "Nothing is owed"),
        (f"/patient/{PATIENT}", "No visit is documented"),
    ],
)
async def test_what_is_not_known_is_not_said_to_be_nothing(
    browser: httpx.AsyncClient, fakes: Fakes, path: str, untrue: str
) -> None:
    fakes.answers = {f"/v1/patients/{PATIENT}": ADA}
    await signed_in(browser)
    page = await browser.get(path)

    assert page.status_code == 200
    assert "does not answer" in page.text
    assert untrue not in page.text


async def test_a_service_that_says_nonsense_of_itself_counts_as_silent(fakes: Fakes) -> None:
    fakes.answers = {"/readyz": {"position": None}}
    live = Live(SETTINGS.urls, fakes.transports())
    async with live.watching():
        told = live.events()
        first = [await anext(told), await anext(told)]
        fakes.answers = {"/readyz": {"position": 5}}
        second = await anext(told)
        await told.aclose()

    assert first[0].startswith("retry:")
    assert "payments" in first[1]
    assert "payments" in second


async def test_a_refusal_is_told_in_words_with_its_trace(browser: httpx.AsyncClient, fakes: Fakes) -> None:
    problem = {"type": "/problems/claim-not-found", "detail": "no claim has this id", "trace_id": "trace-1"}
    fakes.answers = {f"/v1/claims/{CLAIM}": httpx.Response(404, json=problem)}
    await signed_in(browser)
    page = await browser.get(f"/claim/{CLAIM}")

    assert page.status_code == 404
    assert "No claim has this id." in page.text
    assert "trace-1" in page.text


async def test_a_defect_is_a_page_too(browser: httpx.AsyncClient, fakes: Fakes) -> None:
    fakes.answers = {"/v1/worklists": {"unheard": "of"}}
    await signed_in(browser)
    page = await browser.get("/work")

    assert page.status_code == 500
    assert "This page failed" in page.text


async def test_what_somebody_wrote_goes_along_with_what_they_read(browser: httpx.AsyncClient, fakes: Fakes) -> None:
    await signed_in(browser)
    token = token_of([PositionRange("claimlog.claims", "store", 1, 0, 7, 7)])
    written = httpx.Response(200, json={"claim_id": CLAIM}, headers={CONSISTENCY: token})
    fakes.answers = {"/releases": written, "/v1/worklists": {"worklists": []}}
    form = {"form_token": await form_token(browser), "reason": "r", "etag": "*", "key": "k"}
    await browser.post(f"/claim/{CLAIM}/release", data=form)
    fakes.asked.clear()
    await browser.get("/work")

    assert {each.headers.get(CONSISTENCY) for each in fakes.asked} == {token}


async def test_signing_out_ends_the_session_at_once(browser: httpx.AsyncClient) -> None:
    await signed_in(browser)
    kept = browser.cookies[COOKIE]
    await browser.post("/sign-out", data={"form_token": await form_token(browser)})
    browser.cookies.set(COOKIE, kept, domain="console.test")

    assert (await browser.get("/components")).status_code == 303


@pytest.mark.parametrize("to", ["https://elsewhere.test/", "//elsewhere.test", "/\\elsewhere.test"])
async def test_signing_in_leads_nowhere_else(browser: httpx.AsyncClient, to: str) -> None:
    answer = await browser.post("/sign-in", data={"account": "ann", "role": "biller", "to": to})

    assert answer.headers["location"] == "/"


async def test_an_unknown_setting_is_refused_by_name() -> None:
    with pytest.raises(BadSettings, match=f"{PREFIX}COLOUR"):
        Settings.read(PREFIX, {f"{PREFIX}COLOUR": "blue"})
