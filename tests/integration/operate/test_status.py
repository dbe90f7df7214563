"""Where a service stands, asked from outside while others work, stopped, or are away."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import asyncpg
from httpx import ASGITransport, AsyncClient

from shared.clients.every_service import ServiceClient
from shared.events.envelope import Actor
from shared.kernel.projection import Projection
from shared.runtime.definition import Worklist
from shared.runtime.engine import Engine
from shared.runtime.host import Host
from shared.runtime.http import http_app
from shared.runtime.status import standing
from shared.runtime.verify import EVERYTHING, Choice, verify
from shared.runtime.verify.finding import About
from shared.runtime.verify.last import keep
from shared.runtime.worker import work
from tests.integration.operate.conftest import Line
from tests.support.donating import Donate
from tests.support.engines import beside, engine_over, until
from tests.support.lending import CopyLent, Lend, lending
from tests.support.memory import ISSUER, token

CLERK = Actor(kind="human", id="clerk-1")
GROWING = {"asked_at", "facts_per_second", "relay", "own_facts"}
"""What depends on when it is asked, also where nobody works."""
AT = datetime(2026, 3, 3, 14, 30, tzinfo=UTC)


async def gifts(giver: Engine, *names: str) -> None:
    for n, name in enumerate(names):
        await giver.handle("demo", CLERK, Donate(donor_id=f"D-{n}", name=name))


async def test_facts_that_nobody_took_yet_are_counted_with_their_age(line: Line) -> None:
    await gifts(line.giver, "one", "two", "three")
    before = await standing(line.giver)
    async with beside(work(line.giver, line.log)):

        async def relayed() -> bool:
            found = await standing(line.giver)
            return found["relay"]["position"] == 3 and all(found["jobs"].values())

        await until(relayed)
        working = await standing(line.giver)
    after, reading = await standing(line.giver), await standing(line.lender)

    assert (before["position"], before["relay"]["behind"], before["jobs"]["relay"]) == (3, 3, False)
    assert before["relay"]["seconds"] > 0
    assert set(working["jobs"]) == {"relay", "own-facts", "effects", "operations"}
    assert (working["jobs"]["relay"], working["relay"]["behind"]) == (True, 0)
    assert (after["relay"]["behind"], after["relay"]["seconds"]) == (0, 0)
    assert (reading["topics"]["behind"], reading["topics"]["read"]) == (3, {"by_somebody": 0, "of": 2})
    assert reading["topics"]["seconds"] > 0
    assert before["facts_per_second"]["last_minute"] == round(3 / 60, 3)


async def test_facts_are_counted_by_the_minute_in_which_they_were_added(line: Line) -> None:
    await gifts(line.giver, *(f"gift {n}" for n in range(6)))
    connection = await asyncpg.connect(line.giver.service.settings.database_url)
    for position, seconds in enumerate((7_200, 3_000, 890, 130, 125, 0), start=1):
        await connection.execute(
            "update events set recorded_at = now() - $2 * interval '1 second' where position = $1", position, seconds
        )
    await connection.close()
    rates = (await standing(line.giver))["facts_per_second"]

    one, two = round(1 / 60, 3), round(2 / 60, 3)
    assert rates["by_minute"] == [one, *[0.0] * 11, two, 0.0, one]
    assert (rates["last_minute"], rates["last_hour"]) == (one, round(5 / 3_600, 3))


async def test_parked_records_are_counted_by_cause(line: Line) -> None:
    await gifts(line.giver, "poison", "one")
    async with beside(work(line.giver, line.log), work(line.lender, line.log)):

        async def parked() -> bool:
            return bool(await line.lender.store.parked(None, rows_max=1))

        await until(parked)
    found = await standing(line.lender)

    assert (found["parked"]["count"], found["parked"]["by_cause"]) == (1, {"ValueError": 1})
    assert found["parked"]["since"] is not None
    assert [model["broken"] for model in found["read_models"]] == [None, None]


async def over_http(engine: Engine) -> Mapping[str, Any]:
    """Return what a service with this engine tells an operator, but for its name."""
    app = http_app(engine.service, Host(engine=engine, verifier=ISSUER.verifier()))
    headers = {"Authorization": f"Bearer {token(engine.service, scopes=['operations.read'])}"}
    async with AsyncClient(transport=ASGITransport(app), base_url="http://lending", headers=headers) as http:
        found = dict(await ServiceClient(http).status())
    assert found.pop("service") == "lending"
    return found


async def test_an_operator_is_told_the_same_over_http(line: Line) -> None:
    await gifts(line.giver, "one", "two")
    await line.lender.handle("demo", CLERK, Lend(copy_id="C-1"))
    found, told = await standing(line.lender), await over_http(line.lender)

    assert set(told) == set(found)
    assert {name: told[name] for name in found if name not in GROWING} == {
        name: each for name, each in found.items() if name not in GROWING
    }
    assert (told["position"], told["topics"]["log"]) == (1, "answers")


async def test_what_the_last_proof_came_to_is_told(line: Line) -> None:
    await gifts(line.giver, "one")
    url, before = line.giver.service.settings.database_url, await standing(line.giver)
    whole = await verify(line.giver, None)
    broken = replace(whole, invariants=(About(name="chain", about="of facts").found("position 1", checked=1),))
    await keep(url, broken, Choice(quick=True))
    then = (await standing(line.giver))["verified"]
    await keep(url, whole, EVERYTHING)
    after = (await standing(line.giver))["verified"]

    assert before["verified"] is None
    assert (then["looked_at"], then["broken"], then["unchecked"]) == ("facts", ["chain"], [])
    assert (after["looked_at"], after["broken"], after["position"]) == ("everything", [], 1)
    assert "topics" in after["unchecked"]  # there was no log
    assert after["ended_at"] > then["ended_at"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """A copy that waits for things."""

    copy_id: str
    missing: tuple[str, ...]
    since: datetime


WANTS: Projection[Want, CopyLent] = Projection(
    name="wants",
    version=1,
    source="own",
    row=Want,
    events=(CopyLent,),
    keys=lambda event: (event.copy_id,),
    apply=lambda _, event: Want(copy_id=event.copy_id, missing=("reader/1", f"shelf/{event.copy_id}"), since=AT),
)


async def test_who_waits_for_what_since_when(line: Line) -> None:
    settings = line.lender.service.settings
    wanting = Worklist(projection=WANTS, where={}, owner="clerk", about="Wants", missing="missing", since="since")
    service = replace(lending(), settings=settings, projections=(WANTS,), reactions=(), worklists={"wants": wanting})
    async with engine_over(service, settings.database_url) as engine:
        await engine.handle("demo", CLERK, Lend(copy_id="C-1"), Lend(copy_id="C-2"))
        found = await standing(engine)

    assert found["waiting"] == [
        {"worklist": "wants", "missing": kind, "count": 2, "since": "2026-03-03T14:30:00Z"}
        for kind in ("reader", "shelf")
    ]


async def test_a_log_that_is_away_leaves_the_rest_of_the_answer(line: Line) -> None:
    settings = line.lender.service.settings.model_copy(update={"log_url": "postgresql://nobody@127.0.0.1:1/none"})
    service = replace(lending(), settings=settings)
    async with engine_over(service, settings.database_url) as engine:
        found: Mapping[str, Any] = await standing(engine)

    assert (found["topics"]["log"], found["topics"]["behind"]) == ("log-unavailable", None)
    assert found["position"] == 0
