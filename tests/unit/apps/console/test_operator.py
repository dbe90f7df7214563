"""What an operator is shown: states, what needs a look, parked keys by what stopped them, settings that are shared."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from apps.console.main import console
from apps.console.pages.operator.figures import Seen, by_cause, models, remarks, shared
from apps.console.rendering import spark
from apps.console.settings import Settings
from apps.console.sign_in import DevelopmentSignIn
from shared.runtime.tokens import DevelopmentIssuer

READY = {"service": "claims", "status": "ready", "position": 17}
SETTINGS = Settings()
EVENT = "0190f3c2-0000-7000-8000-0000000000b1"


def status(**changed: Any) -> dict[str, Any]:  # noqa: ANN401 (parts of an answer)
    """Return what a service says that has nothing to say, but for what is changed."""
    lag = {"position": 17, "behind": 0, "seconds": 0.0}
    return {
        "position": 17,
        "facts_per_second": {"last_minute": 1.5, "last_hour": 0.5, "by_minute": [0.0, 1.5]},
        "jobs": {"relay": True, "own-facts": True, "effects": True},
        "relay": lag,
        "own_facts": lag,
        "topics": {
            "log": "answers",
            "behind": 0,
            "seconds": 0.0,
            "partitions": [],
            "read": {"by_somebody": 4, "of": 4},
        },
        "effects": {"held": False, "not_attempted": 0, "without_result": 0},
        "parked": {"count": 0, "since": None, "by_cause": {}, "locked_streams": 0},
        "read_models": [],
        "waiting": [],
        "verified": None,
    } | changed


def seen(readiness: Mapping[str, Any] | None = READY, **changed: Any) -> Seen:  # noqa: ANN401 (parts of an answer)
    return Seen(name="claims", readiness=readiness, status=status(**changed) if readiness else None)


def model(name: str, **changed: Any) -> dict[str, Any]:  # noqa: ANN401 (parts of an answer)
    return {"name": name, "version": 1, "position": 17, "behind": 0, "broken": None, "generation": 1} | changed


def proof(**changed: Any) -> dict[str, Any]:  # noqa: ANN401 (parts of an answer)
    return {"looked_at": "everything", "position": 17, "broken": [], "unchecked": []} | changed


def test_a_service_that_is_well_needs_no_look() -> None:
    assert remarks([seen()]) == []
    assert (seen().state, seen().effects, seen().idle_jobs) == ("ready", "acting", ())


@pytest.mark.parametrize(
    ("found", "what", "runbook"),
    [
        (seen(None), "does not answer", "program-down"),
        (
            Seen(name="claims", readiness={"status": "not-ready", "cause": "X"}, status=None),
            "not ready: X",
            "program-down",
        ),
        (seen({"status": "stopped", "stopped": {"own-facts": "diverged"}}), "stopped: own facts: diverged", "defects"),
        (seen(jobs={"relay": False, "own-facts": True}), "nobody does: relay", "program-down"),
        (seen(topics={"log": "log-unavailable", "seconds": None}), "the log is away: log unavailable", "relay-behind"),
        (seen(relay={"behind": 3, "seconds": 61.2}), "publishing: 61 s late", "relay-behind"),
        (seen(own_facts={"behind": 3, "seconds": 90.0}), "own reactions: 90 s late", "consumer-behind"),
        (seen(parked={"count": 2, "locked_streams": 0}), "2 records parked", "records-parked"),
        (seen(parked={"count": 0, "locked_streams": 1}), "1 stream locked after a restore", "streams-locked"),
        (
            seen(effects={"held": True, "not_attempted": 0, "without_result": 0}),
            "effects are held after a restore",
            "effects-held",
        ),
        (
            seen(effects={"held": False, "not_attempted": 0, "without_result": 2}),
            "2 sent with unknown outcome",
            "effects-unknown",
        ),
        (seen(verified=proof(broken=["every-cent"])), "not proved: every cent", "defects"),
        (
            seen(read_models=[model("claims", broken="ValueError")]),
            "read model claims stopped: ValueError",
            "read-model-broken",
        ),
    ],
)
def test_what_is_wrong_is_said_with_what_mends_it(found: Seen, what: str, runbook: str) -> None:
    (remark,) = remarks([found])

    assert (remark.service, remark.what, remark.runbook) == ("claims", what, runbook)
    assert (Path("docs/runbooks") / f"{remark.runbook}.md").is_file()
    assert remark.mend.endswith(".")


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ({"held": True, "not_attempted": 1, "without_result": 1}, "held"),
        ({"held": False, "not_attempted": 1, "without_result": 1}, "unknown"),
        ({"held": False, "not_attempted": 1, "without_result": 0}, "waiting"),
        ({"held": False, "not_attempted": 0, "without_result": 0}, "acting"),
    ],
)
def test_the_gravest_state_of_effects_is_shown(said: Mapping[str, Any], word: str) -> None:
    assert seen(effects=said).effects == word


@pytest.mark.parametrize(
    ("last", "word"),
    [
        (None, "never-proved"),
        (proof(), "proved"),
        (proof(looked_at="facts"), "proved-in-part"),
        (proof(unchecked=["topics"]), "proved-in-part"),
        (proof(unchecked=["topics"], broken=["chain"]), "broken"),
    ],
)
def test_a_proof_counts_as_far_as_it_looked(last: Mapping[str, Any] | None, word: str) -> None:
    assert seen(verified=last).proof == word


def parked(event: str, key: str, cause: str) -> dict[str, Any]:
    return {"event_id": event, "key": key, "cause": cause, "parked_at": f"2026-03-03T14:30:0{event}Z"}


def test_parked_records_belong_to_the_cause_that_stopped_their_key() -> None:
    rows = [
        parked("1", "a", "defect"),
        parked("2", "b", "unknown-version"),
        parked("3", "a", "waits-behind-its-key"),
        parked("4", "c", "unknown-version"),
        parked("5", "a", "waits-behind-its-key"),
    ]
    versions, defects = by_cause("claims", rows)

    assert [(each.cause, each.records) for each in (versions, defects)] == [("unknown-version", 2), ("defect", 3)]
    assert [key.first["event_id"] for key in versions.keys] == ["2", "4"]
    assert [(key.first["event_id"], key.behind) for key in defects.keys] == [("1", 2)]
    assert defects.since == "2026-03-03T14:30:01Z"


def operation(subject: str, state: str, kind: str = "rebuild") -> dict[str, Any]:
    return {"kind": kind, "subject": subject, "state": state}


def test_a_read_model_is_shown_with_its_newest_rebuild() -> None:
    standing = status(
        read_models=[model("claims"), model("timeline", broken="ValueError"), model("waits", behind=4), model("new")]
    )
    work = [
        operation("claims", "running"),
        operation("new", "cancelled", kind="bulk"),
        operation("claims", "failed"),
        operation("waits", "succeeded"),
    ]
    found = models("claims", standing, work)

    assert [each.state for each in found] == ["rebuilding", "broken", "behind", "whole"]
    assert [each.rebuild and each.rebuild["state"] for each in found] == ["running", None, "succeeded", None]


def test_a_setting_that_all_services_share_is_one_row() -> None:
    def told(service: str, name: str, value: str, source: str) -> dict[str, str]:
        return {"variable": f"CLAIMLOG_{service.upper()}_{name}", "value": value, "source": source, "about": name}

    found = shared(
        {
            "claims": [told("claims", "POLL_SIZE", "10", "default"), told("claims", "LOG_URL", "kafka://a", "file")],
            "coding": [told("coding", "POLL_SIZE", "10", "default"), told("coding", "LOG_URL", "kafka://b", "file")],
        }
    )

    assert [(each.name, each.value, each.source, each.services) for each in found] == [
        ("log_url", "kafka://a", "file", ("claims",)),
        ("log_url", "kafka://b", "file", ("coding",)),
        ("poll_size", "10", "default", ()),
    ]


def test_a_spark_goes_from_the_oldest_to_the_newest_and_is_read_aloud() -> None:
    drawn = spark([0.0, 2.0, 1.0], "Facts <by minute>")

    assert 'd="M0.0 19.0 L48.0 1.0 L96.0 10.0"' in drawn
    assert 'aria-label="Facts &lt;by minute&gt;"' in drawn
    assert spark([0.0], "none").count(" 19.0") == 1


class Services:
    """Five services that say what an operator asks; those that are named are silent."""

    def __init__(self) -> None:
        self.silent: set[str] = set()
        self.parked: list[dict[str, Any]] = []
        self.sent: list[tuple[str, bytes]] = []

    def transports(self) -> Mapping[str, httpx.AsyncBaseTransport]:
        """Return a way to each service."""
        return {name: httpx.MockTransport(self._answer) for name in SETTINGS.urls}

    def _answer(self, request: httpx.Request) -> httpx.Response:
        _, service, path = request.url.path.split("/", 2)
        if service in self.silent:
            raise httpx.ConnectError("silent", request=request)
        if request.method == "POST":
            self.sent.append((request.url.path, request.content))
        body: dict[str, Any] = {
            "readyz": READY,
            "v1/status": status(read_models=[model("claims")], position=1_234),
            "v1/operations": {"items": [], "next": None},
            "v1/settings": {"settings": []},
            "v1/parked-records": {"items": self.parked if service == "claims" else []},
        }
        said: dict[str, Any] = {"released": 2, "cause": None, "left": [], "kind": "rebuild", "subject": "claims"}
        return httpx.Response(200, json=body.get(path, said))


@pytest.fixture
def services() -> Services:
    return Services()


@pytest.fixture
async def browser(services: Services, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    DevelopmentIssuer.from_folder(tmp_path, "issuer")
    sign_in = DevelopmentSignIn(tmp_path / "issuer.json", "issuer", "demo", environment="development")
    transport = httpx.ASGITransport(console(SETTINGS, sign_in, services.transports()))
    ours = {"Sec-Fetch-Site": "same-origin"}
    async with httpx.AsyncClient(transport=transport, base_url="https://console.test", headers=ours) as client:
        await client.post("/sign-in", data={"account": "ann", "role": "operator", "to": "/operator"})
        yield client


async def sent(browser: httpx.AsyncClient, path: str, **fields: str) -> httpx.Response:
    page = (await browser.get("/components")).text
    token = page.partition('name="form_token" value="')[2].partition('"')[0]
    return await browser.post(path, data={"form_token": token, **fields})


async def test_a_silent_service_is_shown_as_such_and_the_others_go_on(
    browser: httpx.AsyncClient, services: Services
) -> None:
    services.silent = {"coding"}
    page = (await browser.get("/operator")).text

    assert (page.count("</span> ready</span>"), page.count("</span> silent</span>")) == (4, 1)
    assert page.count("1,234") == 4
    assert "does not answer" in page


async def test_who_does_not_operate_is_told_so_and_nothing_is_asked(browser: httpx.AsyncClient) -> None:
    await browser.post("/sign-in", data={"account": "bea", "role": "biller", "to": "/"})
    for path in ("", "/parked", "/read-models", "/settings"):
        assert "is for operators and managers" in (await browser.get(f"/operator{path}")).text


async def test_all_keys_of_a_cause_are_released_by_their_oldest_record(
    browser: httpx.AsyncClient, services: Services
) -> None:
    services.parked = [
        parked("1", "a", "defect"),
        parked("2", "b", "unknown-version"),
        parked("3", "a", "waits-behind-its-key"),
        parked("4", "c", "defect"),
    ]
    for each in services.parked:
        each |= {"topic": "claimlog.coding", "partition": 0, "offset": 41}
    answer = await sent(browser, "/operator/parked/claims/releases", cause="defect")
    page = (await browser.get(answer.headers["location"])).text

    assert [path for path, _ in services.sent] == [f"/claims/v1/parked-records/{n}/releases" for n in (1, 4)]
    assert "claims: 4 records handled." in page


async def test_a_record_is_given_up_with_a_reason_that_is_a_slug(
    browser: httpx.AsyncClient, services: Services
) -> None:
    await sent(browser, f"/operator/parked/claims/{EVENT}/discard", reason="Test record, of May")

    assert services.sent == [(f"/claims/v1/parked-records/{EVENT}/discards", b'{"reason":"test-record-of-may"}')]


async def test_a_rebuild_is_asked_for_with_a_form_of_ours_alone(browser: httpx.AsyncClient, services: Services) -> None:
    path = "/operator/read-models/claims/claims/rebuild"
    refused = await browser.post(path, data={"form_token": "x"})
    begun = await sent(browser, path)

    assert (refused.status_code, begun.status_code) == (403, 303)
    assert [path for path, _ in services.sent] == ["/claims/v1/read-models/claims/rebuilds"]
