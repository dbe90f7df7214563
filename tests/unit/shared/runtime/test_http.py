"""What a caller sees: who may, how often, which version, and problems that never tell a value."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Annotated, Any

import pytest
from fastapi import APIRouter
from prometheus_client import generate_latest
from pydantic import BaseModel, ConfigDict, Field

from shared.kernel.errors import NotFound
from shared.runtime.counted_requests import NO_ROUTE
from shared.runtime.definition import Api, Service
from shared.runtime.http import Access, Call, http_app
from shared.runtime.metrics import REGISTRY
from tests.support.lending import SHELVES, Issue, Lend, Return, Shelf, lending
from tests.support.memory import Running, running, token

SECRET = "Ada-Secret-Sample"  # noqa: S105 (what must not come back)


class NewLoan(BaseModel):
    """A loan."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    copy_id: Annotated[str, Field(max_length=10)]
    pages: Annotated[int, Field(ge=1)] = 100
    title: str = "Example"


class NewCard(BaseModel):
    """A card."""

    reader_id: str
    name: str


class LoanNotFound(NotFound):
    """No such loan."""

    slug = "loan-not-found"


def service(**settings: object) -> Service:
    """Return lending behind HTTP."""
    router = APIRouter(prefix="/v1")

    @router.post("/loans", status_code=201)
    async def lend(body: NewLoan, call: Call) -> dict[str, object]:
        lent = await call.handle(Lend(copy_id=body.copy_id, pages=body.pages, title=body.title))
        return {"lent": lent, "id": call.new_id()}

    @router.post("/loans/{copy_id}/returns")
    async def give_back(copy_id: str, call: Call) -> dict[str, object]:
        return {"lent": await call.handle(Return(copy_id=copy_id))}

    @router.post("/donations", status_code=201)
    async def donate(call: Call) -> dict[str, object]:
        if await call.request.body():
            call.response.status_code = 202
        await call.handle(Lend(copy_id=call.new_id()))
        return {"id": call.new_id()}

    @router.post("/cards", status_code=201)
    async def issue(body: NewCard, call: Call) -> dict[str, object]:
        return {"name": await call.handle(Issue(reader_id=body.reader_id, name=body.name))}

    @router.get("/loans/{copy_id}")
    async def loan(copy_id: str, call: Call) -> Shelf:
        found = await call.row(SHELVES, copy_id)
        if found is None:
            raise LoanNotFound("no loan has this id")
        return found

    @router.get("/defects")
    async def fail(call: Call) -> None:
        raise ZeroDivisionError(f"{SECRET} {call.now}")

    access = {
        "POST /v1/loans": Access(scope="lending.write"),
        "POST /v1/loans/{copy_id}/returns": Access(scope="lending.write", version_of="copy-{copy_id}", changes=True),
        "POST /v1/cards": Access(scope="lending.write"),
        "POST /v1/donations": Access(scope="lending.write", keyed=True),
        "GET /v1/loans/{copy_id}": Access(scope="lending.read", reads="shelves"),
        "GET /v1/defects": Access(scope="lending.read"),
    }
    return replace(lending(**settings), api=lambda: Api(router=router, access=access))


@pytest.fixture
async def svc() -> AsyncIterator[Running]:
    async with running(service(body_bytes_max=2_000)) as started:
        yield started


async def test_answers_with_the_new_state_and_its_version(svc: Running) -> None:
    made = await svc.client.post("/v1/loans", json={"copy_id": "C-1"})
    read = await svc.client.get("/v1/loans/C-1")

    assert (made.status_code, made.headers["etag"], made.json()["lent"]) == (201, '"1"', True)
    assert made.headers["cache-control"] == "no-store"
    assert read.json() == {"copy_id": "C-1", "times": 1, "away": True, "pages": 100}


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic dXNlcjpwYXNz", "bearer a.b.c"])
async def test_without_a_good_token_nobody_learns_anything(svc: Running, header: str) -> None:
    for path in ("/v1/loans/C-1", "/v1/events", "/v1/worklists"):
        answer = await svc.client.get(path, headers={"Authorization": header})

        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json()["type"] == "/problems/unauthenticated"


async def test_settings_are_told_with_their_source_and_without_passwords(
    svc: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAIMLOG_LENDING_DATABASE_URL", f"postgresql://writer:{SECRET}@db/lending")
    operator = {"Authorization": f"Bearer {token(svc.engine.service, scopes=['operations.read'])}"}
    answer = await svc.client.get("/v1/settings", headers=operator)
    told = {each["variable"]: each for each in answer.json()["settings"]}

    assert SECRET not in answer.text
    assert told["CLAIMLOG_LENDING_DATABASE_URL"]["value"] == "postgresql://writer:***@db/lending"
    assert told["CLAIMLOG_LENDING_DATABASE_URL"]["source"] == "environment"
    assert told["CLAIMLOG_LENDING_POLL_SIZE"]["source"] == "default"
    assert all(each["about"] for each in told.values())


async def test_scope_of_the_route_is_needed(svc: Running) -> None:
    reader = {"Authorization": f"Bearer {token(svc.engine.service, scopes=['lending.read'])}"}
    answer = await svc.client.post("/v1/loans", json={"copy_id": "C-1"}, headers=reader)

    assert answer.status_code == 403
    assert answer.json()["type"] == "/problems/forbidden"
    assert (await svc.engine.store.head()).position == 0


async def test_tenant_comes_from_the_token_alone(svc: Running) -> None:
    await svc.client.post("/v1/loans", json={"copy_id": "C-1"})
    other = {"Authorization": f"Bearer {token(svc.engine.service, tenant_id='other')}"}

    assert (await svc.client.get("/v1/loans/C-1", headers=other)).status_code == 404
    assert (await svc.client.get("/v1/events", headers=other)).json()["events"] == []
    assert (await svc.client.post("/v1/loans", json={"copy_id": "C-1"}, headers=other)).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        f'{{"copy_id": "{SECRET}"}}',
        f'{{"copy_id": "C-1", "pages": "{SECRET}"}}',
        f'{{"copy_id": "C-1", "more": "{SECRET}"}}',
        f'{{"copy_id": {{"a": "{SECRET}"}}}}',
        f'["{SECRET}"]',
        f'"{SECRET}"',
        f'{{"copy_id": "{SECRET}',
        "",
    ],
)
async def test_what_cannot_be_read_is_pointed_at_and_never_repeated(svc: Running, body: str) -> None:
    answer = await svc.client.post("/v1/loans", content=body, headers={"Content-Type": "application/json"})
    problem = answer.json()

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["type"] == "/problems/malformed-request"
    assert all(each["pointer"] and each["code"] for each in problem["errors"])
    assert SECRET not in answer.text


@pytest.mark.parametrize("kind", [None, "application/x-www-form-urlencoded", "text/plain; charset=utf-8"])
async def test_body_that_is_not_said_to_be_json_is_told_to_say_so(svc: Running, kind: str | None) -> None:
    headers = {"Content-Type": kind} if kind else {}
    answer = await svc.client.post("/v1/loans", content='{"copy_id": "C-1"}', headers=headers)

    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/malformed-request")
    assert answer.json()["detail"] == "send the body as JSON, with Content-Type: application/json"


async def test_body_that_is_no_json_is_pointed_at_as_a_whole(svc: Running) -> None:
    answer = await svc.client.post("/v1/loans", content="{bad", headers={"Content-Type": "application/json"})

    assert answer.json()["errors"] == [{"pointer": "/body", "code": "json_invalid"}]
    assert answer.json()["detail"] == "mend the fields that `errors` points to"


@pytest.mark.parametrize(
    ("address", "pointer", "code"),
    [
        (f"/v1/loans/{SECRET}%00", "/path/copy_id", "string_pattern_mismatch"),
        (f"/v1/loans/{SECRET * 100}", "/path/copy_id", "string_too_long"),
        (f"/v1/loans/C1?about={SECRET}%0A", "/query/about", "string_pattern_mismatch"),
    ],
)
async def test_word_that_nothing_is_called_is_pointed_at(svc: Running, address: str, pointer: str, code: str) -> None:
    answer = await svc.client.get(address)

    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"pointer": pointer, "code": code}]
    assert SECRET not in answer.text


async def test_expected_failures_have_their_own_status_and_slug(svc: Running) -> None:
    await svc.client.post("/v1/loans", json={"copy_id": "C-1"})
    again = await svc.client.post("/v1/loans", json={"copy_id": "C-1"})
    missing = await svc.client.get("/v1/loans/C-9")
    nul = await svc.client.post("/v1/loans", json={"copy_id": "C-2", "title": "a\x00b"})

    assert (again.status_code, again.json()["type"]) == (409, "/problems/already-lent")
    assert (missing.status_code, missing.json()["type"]) == (404, "/problems/loan-not-found")
    assert (nul.status_code, nul.json()["type"]) == (422, "/problems/unstorable-text")


async def test_name_that_is_taken_names_its_holder(svc: Running) -> None:
    await svc.client.post("/v1/cards", json={"reader_id": "R-1", "name": SECRET})
    answer = await svc.client.post("/v1/cards", json={"reader_id": "R-2", "name": SECRET})

    assert answer.status_code == 409
    assert answer.json()["existing"] == "card-R-1"
    assert SECRET not in answer.text


async def test_defect_tells_a_trace_id_and_nothing_else() -> None:
    async with running(service()) as svc:
        svc.client._transport.raise_app_exceptions = False  # type: ignore[attr-defined]  # noqa: SLF001 (as a server does)
        answer = await svc.client.get("/v1/defects")

    assert answer.status_code == 500
    assert set(answer.json()) == {"type", "title", "status", "detail", "instance", "trace_id"}
    assert SECRET not in answer.text


async def test_problem_names_the_request_and_no_value_of_its_path(svc: Running) -> None:
    of_ours = "0190f3c2-0000-7000-8000-000000000001"
    answers = [
        await svc.client.get(f"/v1/loans/{of_ours}?name={SECRET}"),
        await svc.client.get(f"/v1/loans/{SECRET}"),
        await svc.client.get(f"/v1/nowhere/{SECRET}"),
        await svc.client.post("/v1/loans", json={"copy_id": "C-1", "pages": 0}),
    ]
    problems = [answer.json() for answer in answers]

    assert [each["instance"] for each in problems] == [f"/v1/loans/{of_ours}", "/v1/loans/{copy_id}", "/", "/v1/loans"]
    assert [each["trace_id"] for each in problems] == [answer.headers["x-correlation-id"] for answer in answers]
    assert len({each["trace_id"] for each in problems}) == len(answers)
    assert problems[1]["title"] == "Loan not found"
    assert not any(SECRET in answer.text for answer in answers)


async def test_trace_id_of_a_refusal_is_that_of_its_request(svc: Running) -> None:
    answer = await svc.client.post("/v1/loans/C-1/returns", headers={"If-Match": '"9"'})

    assert (answer.status_code, answer.json()["trace_id"]) == (412, answer.headers["x-correlation-id"])


@pytest.mark.parametrize(
    ("field", "pointer"), [("more", "/body/more"), (SECRET, "/body/*"), ("Ada", "/body/*"), ("a/b", "/body/*")]
)
async def test_field_that_nobody_asked_for_is_named_unless_its_name_tells_something(
    svc: Running, field: str, pointer: str
) -> None:
    answer = await svc.client.post("/v1/loans", json={"copy_id": "C-1", field: 1})

    assert answer.json()["errors"] == [{"pointer": pointer, "code": "extra_forbidden"}]


async def test_type_of_a_problem_leads_to_what_it_means(svc: Running) -> None:
    refused = await svc.client.get("/v1/loans/C-9")
    svc.client.headers.pop("Authorization")
    means = await svc.client.get(refused.json()["type"])
    unknown = [await svc.client.get(f"/problems/{slug}") for slug in ("none", SECRET)]

    assert means.json() == {
        "type": "/problems/loan-not-found",
        "title": "Loan not found",
        "status": 404,
        "means": "No such loan.",
        "mend": "Check the id or name; lists tell which there are.",
    }
    assert [(each.status_code, each.json()["type"].rpartition("/")[2]) for each in unknown] == [
        (404, "problem-not-known"),
        (422, "malformed-request"),
    ]


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/v1/none", 404), ("DELETE", "/v1/loans", 405)])
async def test_unknown_routes_are_problems_too(svc: Running, method: str, path: str, status: int) -> None:
    answer = await svc.client.request(method, path)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_requests_are_counted_by_route_and_status_and_never_by_value(svc: Running) -> None:
    def counted(route: str, status: str) -> float:
        labels = {"service": "lending", "route": route, "status": status}
        return REGISTRY.get_sample_value("claimlog_http_seconds_count", labels) or 0.0

    told = [
        ("POST /v1/loans", "201"),
        ("POST /v1/loans", "409"),
        ("POST /v1/loans", "422"),
        ("GET /v1/loans/{copy_id}", "404"),
        ("GET /v1/defects", "500"),
        (NO_ROUTE, "404"),
        (NO_ROUTE, "405"),
    ]
    before = [counted(*each) for each in told]
    svc.client._transport.raise_app_exceptions = False  # type: ignore[attr-defined]  # noqa: SLF001 (as a server does)
    for body in ({"copy_id": "C-1"}, {"copy_id": "C-1"}, {}):
        await svc.client.post("/v1/loans", json=body)
    for method, path in (
        ("GET", SECRET),
        ("GET", "defects"),
        ("GET", "none"),
        ("DELETE", "loans"),
        ("MADEUP", "loans"),
    ):
        await svc.client.request(method, f"/v1/loans/{path}" if path == SECRET else f"/v1/{path}")

    assert [counted(*each) - then for each, then in zip(told, before, strict=True)] == [1, 1, 1, 1, 1, 1, 2]
    assert SECRET not in generate_latest(REGISTRY).decode()


async def test_version_that_the_caller_saw_is_checked(svc: Running) -> None:
    await svc.client.post("/v1/loans", json={"copy_id": "C-1"})
    stale = await svc.client.post("/v1/loans/C-1/returns", headers={"If-Match": '"7"'})
    fresh = await svc.client.post("/v1/loans/C-1/returns", headers={"If-Match": '"1"'})

    assert (stale.status_code, stale.json()["type"]) == (412, "/problems/version-differs")
    assert (fresh.status_code, fresh.headers["etag"]) == (200, '"2"')


@pytest.mark.parametrize("header", ["latest", '""', '"1", "2"', 'W/"1"', '"-1"', '"\u0661"', '"1"' + "0" * 20])
async def test_version_that_is_none_is_refused_and_not_taken_for_any(svc: Running, header: str) -> None:
    await svc.client.post("/v1/loans", json={"copy_id": "C-1"})
    answer = await svc.client.post("/v1/loans/C-1/returns", headers=[(b"If-Match", header.encode())])

    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/bad-header")
    assert (await svc.engine.store.head()).position == 1


async def test_change_of_what_nobody_looked_at_is_refused_unless_that_is_said(svc: Running) -> None:
    await svc.client.post("/v1/loans", json={"copy_id": "C-1"})
    svc.client.event_hooks = {}
    unsaid = await svc.client.post("/v1/loans/C-1/returns")
    whatever = await svc.client.post("/v1/loans/C-1/returns", headers={"If-Match": "*"})

    assert (unsaid.status_code, unsaid.json()["type"]) == (428, "/problems/precondition-required")
    assert (whatever.status_code, whatever.headers["etag"]) == (200, '"2"')


async def test_where_nothing_is_there_before_there_is_nothing_to_match(svc: Running) -> None:
    made = await svc.client.post("/v1/loans", json={"copy_id": "C-1"}, headers={"If-Match": '"1"'})

    assert (made.status_code, made.json()["type"]) == (422, "/problems/if-match-not-offered")
    assert (await svc.engine.store.head()).position == 0


async def test_repeat_with_a_key_is_the_first_answer_and_has_one_effect(svc: Running) -> None:
    key = {"Idempotency-Key": '"k-1"'}
    first = await svc.client.post("/v1/loans", json={"copy_id": "C-1"}, headers=key)
    again = await svc.client.post("/v1/loans", json={"copy_id": "C-1"}, headers=key)
    other = await svc.client.post("/v1/loans", json={"copy_id": "C-2"}, headers=key)

    assert again.status_code == 201
    assert (first.json(), first.headers["etag"]) == (again.json(), again.headers["etag"])
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")
    assert (await svc.engine.store.head()).position == 1


async def test_key_of_one_route_or_tenant_is_free_on_another(svc: Running) -> None:
    other = f"Bearer {token(svc.engine.service, tenant_id='other')}"
    key = {"Idempotency-Key": "k-1"}
    await svc.client.post("/v1/loans", json={"copy_id": "C-1"}, headers=key)
    back = await svc.client.post("/v1/loans/C-1/returns", headers=key)
    theirs = await svc.client.post("/v1/loans", json={"copy_id": "C-9"}, headers={**key, "Authorization": other})

    assert (back.status_code, theirs.status_code) == (200, 201)


@pytest.mark.parametrize("key", ["", '""', "x" * 256, "a\tb", "a b", '"a', 'a"b', '"a"b"', '"a";p=1', '"\\a"', "é"])
async def test_key_that_nobody_could_keep_is_refused(svc: Running, key: str) -> None:
    headers = [(b"Content-Type", b"application/json"), (b"Idempotency-Key", key.encode())]
    answer = await svc.client.post("/v1/loans", content='{"copy_id": "C-1"}', headers=headers)

    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/bad-header")


async def test_request_that_nothing_names_is_refused_where_a_repeat_would_do_it_again(svc: Running) -> None:
    svc.client.event_hooks = {}
    answer = await svc.client.post("/v1/donations")

    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/idempotency-key-missing")
    assert (await svc.engine.store.head()).position == 0


async def test_key_in_quotes_is_the_key_without_them(svc: Running) -> None:
    bare, quoted = [
        await svc.client.post("/v1/donations", headers={"Idempotency-Key": key}) for key in ("k-1", '"k-1"')
    ]
    spoken, other = [
        await svc.client.post("/v1/donations", headers={"Idempotency-Key": key}) for key in (r'"k \"1\" \\"', r'"k 1"')
    ]

    assert bare.json() == quoted.json()
    assert len({each.json()["id"] for each in (bare, spoken, other)}) == 3


async def test_repeat_has_the_status_of_the_first_answer(svc: Running) -> None:
    first, usual = [
        [await svc.client.post("/v1/donations", content=body, headers={"Idempotency-Key": key}) for _ in range(2)]
        for body, key in ((b"x", "k-1"), (b"", "k-2"))
    ]

    assert [[each.status_code for each in answers] for answers in (first, usual)] == [[202, 202], [201, 201]]


async def test_body_is_the_same_however_it_is_spaced_and_ordered(svc: Running) -> None:
    bodies = ['{"copy_id": "C-1", "pages": 7}', '{"pages":7,\n"copy_id":"C-1"}', '{"copy_id": "C-1", "pages": 8}']
    headers = {"Idempotency-Key": "k-1", "Content-Type": "application/json; charset=utf-8"}
    answers = [await svc.client.post("/v1/loans", content=body, headers=headers) for body in bodies]

    assert [each.status_code for each in answers] == [201, 201, 422]


async def test_body_over_the_limit_is_refused_unread(svc: Running) -> None:
    answer = await svc.client.post("/v1/loans", json={"copy_id": "C-1", "title": "x" * 3_000})

    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_route_may_take_more_than_others() -> None:
    large = replace(service(body_bytes_max=2_000), body_limits={"POST /v1/loans": 4_000})
    async with running(large) as started:
        taken = await started.client.post("/v1/loans", json={"copy_id": "C-1", "title": "x" * 3_000})
        refused = await started.client.post("/v1/loans", json={"copy_id": "C-1", "title": "x" * 5_000})
        other = await started.client.post("/v1/cards", json={"reader_id": "R-1", "name": "x" * 3_000})

    assert taken.status_code != 413
    assert (refused.status_code, other.status_code) == (413, 413)


def test_a_limit_of_a_route_that_is_none_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="POST /v1/nothing"):
        http_app(replace(service(), body_limits={"POST /v1/nothing": 1}))


async def test_health_needs_no_token_and_tells_no_facts(svc: Running) -> None:
    for path in ("/healthz", "/readyz", "/metrics"):
        answer = await svc.client.get(path, headers={"Authorization": ""})

        assert answer.status_code == 200


async def test_feed_tells_no_facts_that_are_the_services_own(svc: Running) -> None:
    await svc.client.post("/v1/loans", json={"copy_id": "C-1"})
    feed = (await svc.client.get("/v1/events")).json()

    assert feed == {"events": [], "next_after": 0}


@pytest.mark.parametrize("path", ["/v1/events", "/v1/worklists", "/v1/worklists/away", "/v1/operations"])
async def test_every_answer_is_kept_by_nobody_and_says_which_request_it_answers(svc: Running, path: str) -> None:
    answer = await svc.client.get(path)

    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert answer.headers["X-Correlation-Id"]


async def test_worklist_shows_what_waits(svc: Running) -> None:
    await svc.client.post("/v1/loans", json={"copy_id": "C-1"})
    lists = (await svc.client.get("/v1/worklists")).json()["worklists"]
    rows = (await svc.client.get("/v1/worklists/away")).json()
    none = await svc.client.get("/v1/worklists/none")

    assert [(each["name"], each["owner"], each["count"]) for each in lists] == [("away", "clerk", 1)]
    assert [row["copy_id"] for row in rows["items"]] == ["C-1"]
    assert none.status_code == 404


def test_route_without_an_entry_in_the_table_is_refused_at_start() -> None:
    made = service()
    access = made.api().access

    with pytest.raises(ValueError, match="POST /v1/loans"):
        http_app(with_access(made, {name: each for name, each in access.items() if name != "POST /v1/loans"}))
    with pytest.raises(ValueError, match="GET /v1/none"):
        http_app(with_access(made, {**access, "GET /v1/none": Access(scope="x")}))


def with_access(made: Service, access: Mapping[str, Access]) -> Service:
    """Return a service with the same routes and another route table."""
    return replace(made, api=lambda: replace(made.api(), access=access))


@pytest.mark.parametrize("entry", [{"changes": True}, {"version_of": "copy-{reader_id}"}])
def test_entry_that_names_no_object_of_its_path_is_refused(entry: dict[str, Any]) -> None:
    made = service()
    access = {**made.api().access, "GET /v1/loans/{copy_id}": Access(scope="lending.read", **entry)}

    with pytest.raises(ValueError, match="do not name the stream"):
        http_app(with_access(made, access))


def test_route_that_anybody_may_call_is_refused() -> None:
    open_to_all = APIRouter()

    @open_to_all.get("/v1/open")
    async def ask() -> None:
        """Answer anybody."""

    table = {"GET /v1/open": Access(scope="lending.read")}
    made = replace(lending(), api=lambda: Api(router=open_to_all, access=table))

    with pytest.raises(ValueError, match="anybody may call"):
        http_app(made)


async def test_a_method_that_a_path_has_not_is_answered_with_those_that_it_has(svc: Running) -> None:
    answer = await svc.client.request("TRACE", "/v1/loans")
    below = await svc.client.request("PUT", "/v1/loans/C-1")

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert (below.status_code, below.headers["allow"]) == (405, "GET")


async def test_a_body_that_is_no_text_is_malformed(svc: Running) -> None:
    answer = await svc.client.post("/v1/loans", content=b"\xff\xfe{", headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/malformed-request")
    assert answer.json()["errors"] == [{"pointer": "/body", "code": "json_invalid"}]
