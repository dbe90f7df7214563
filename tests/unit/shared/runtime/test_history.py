"""What was known at an earlier instant: which instants there are, the fold of then, and what a route says of it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from fastapi import APIRouter

from shared.kernel.errors import Malformed, NotFound
from shared.runtime.definition import Api, Service
from shared.runtime.history import BadInstant, FutureInstant, folded, instant_of
from shared.runtime.http import Access, Call, CallAsOf, http_app
from tests.support.lending import DONORS, SHELVES, CopyLent, CopyReturned, Lend, Return, Shelf, lending
from tests.support.memory import CLERK, TENANT, Running, running

NOW: Final = datetime(2026, 3, 3, 15, tzinfo=UTC)


class ShelfNotFound(NotFound):
    """No such shelf."""

    slug = "shelf-not-found"


def service() -> Service:
    """Return lending with a route that looks back, and one that does not."""
    router = APIRouter(prefix="/v1")

    @router.get("/shelves/{copy_id}")
    async def shelf(copy_id: str, call: CallAsOf) -> dict[str, object]:
        found = await call.row(SHELVES, copy_id)
        if found is None:
            raise ShelfNotFound("no copy has this id")
        return {"times": found.times, "away": found.away, "donor": await call.row(DONORS, copy_id) is not None}

    @router.get("/shelves")
    async def shelves(call: Call) -> dict[str, int]:
        return {"count": len(await call.rows(SHELVES))}

    access = {
        "GET /v1/shelves/{copy_id}": Access(
            scope="lending.read", reads="shelves", as_of=True, left_out="donor", version_of="copy-{copy_id}"
        ),
        "GET /v1/shelves": Access(scope="lending.read", reads="shelves"),
    }
    return replace(lending(), api=lambda: Api(router=router, access=access))


@pytest.fixture
async def svc() -> AsyncIterator[Running]:
    async with running(service()) as started:
        yield started


async def lent_and_returned(svc: Running) -> list[str]:
    instants = []
    for command in (Lend(copy_id="C-1"), Return(copy_id="C-1"), Lend(copy_id="C-1")):
        await svc.engine.handle(TENANT, CLERK, command)
        instants.append(await svc.instant())
    return instants


@pytest.mark.parametrize("text", ["2026-03-03T15:00:00Z", "2026-03-03T10:00:00-05:00", "20260303T150000+0000"])
def test_reads_an_instant_with_its_offset(text: str) -> None:
    assert instant_of(text, NOW) == NOW


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("2026-03-03T15:00:00", BadInstant),
        ("2026-03-03", BadInstant),
        ("yesterday", BadInstant),
        ("1700000000", BadInstant),
        ("2026-03-03T15:00:00 05:00", BadInstant),
        ("2026-03-03T15:00:01Z", FutureInstant),
    ],
)
def test_refuses_what_names_no_instant_that_was(text: str, error: type[Malformed]) -> None:
    with pytest.raises(error):
        instant_of(text, NOW)


def test_takes_the_beginning_of_the_calendar_in_any_zone() -> None:
    assert instant_of("0001-01-01T00:00:00+14:00", NOW) == datetime(1900, 1, 1, tzinfo=UTC)


def test_folds_the_facts_that_touch_a_row_alone() -> None:
    facts = (CopyLent(copy_id="C-1", title="T"), CopyLent(copy_id="C-2", title="T"), CopyReturned(copy_id="C-1"))

    assert folded(SHELVES, "C-1", facts) == Shelf("C-1", 1, away=False)
    assert folded(SHELVES, "C-3", facts) is None


async def test_answers_as_the_facts_up_to_an_instant_make_it(svc: Running) -> None:
    instants = await lent_and_returned(svc)
    answers = [await svc.then("/v1/shelves/C-1", each) for each in instants]
    now = await svc.client.get("/v1/shelves/C-1")

    assert [(each.json()["times"], each.json()["away"]) for each in answers] == [(1, True), (1, False), (2, True)]
    assert [each.headers["ETag"] for each in (*answers, now)] == ['"1"', '"2"', '"3"', '"3"']
    assert [each.headers["As-Of"] for each in answers] == instants
    assert answers[-1].json() == now.json()
    assert "As-Of" not in now.headers


async def test_leaves_out_what_other_services_told_and_says_so(svc: Running) -> None:
    await lent_and_returned(svc)
    answer = await svc.then("/v1/shelves/C-1", await svc.instant())

    assert (answer.json()["donor"], answer.headers["As-Of-Left-Out"]) == (False, "donor")


async def test_says_that_nothing_was_recorded_yet(svc: Running) -> None:
    first, *_ = await lent_and_returned(svc)
    before = (datetime.fromisoformat(first) - timedelta(microseconds=1)).isoformat()
    answer = await svc.then("/v1/shelves/C-1", before)

    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/shelf-not-found")
    assert answer.json()["detail"] == f"no copy has this id; no fact of it was recorded up to {before}"


@pytest.mark.parametrize(
    ("path", "as_of", "slug"),
    [
        ("/v1/shelves/C-1", "soon", "bad-instant"),
        ("/v1/shelves/C-1", "2999-01-01T00:00:00Z", "future-instant"),
        ("/v1/shelves", "2026-01-01T00:00:00Z", "as-of-not-offered"),
    ],
)
async def test_refuses_a_question_that_it_would_answer_with_another_time(
    svc: Running, path: str, as_of: str, slug: str
) -> None:
    answer = await svc.then(path, as_of)

    assert (answer.status_code, answer.json()["type"]) == (422, f"/problems/{slug}")


def test_route_that_looks_back_without_saying_so_is_refused_at_start() -> None:
    made = service()
    access = {name: replace(each, as_of=False) for name, each in made.api().access.items()}

    with pytest.raises(ValueError, match="as of an instant"):
        http_app(replace(made, api=lambda: replace(made.api(), access=access)))
