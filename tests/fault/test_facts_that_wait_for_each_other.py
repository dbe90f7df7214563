"""Two workers that each hold one of a pair of facts which wait for each other: the pair is joined, once.

Each looks for the other half before the other one has written it. Under the lock the second sees what the first wrote,
whoever is second.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, Final

from fastapi import APIRouter
from msgspec import Meta

from shared.events.envelope import Event
from shared.events.registration import PayerAdded
from shared.kernel.decider import Decider
from shared.kernel.projection import Projection
from shared.kernel.reaction import Needs, Reaction, Rows
from shared.runtime.consumer import Consumer, Read
from shared.runtime.definition import Api, Service
from shared.runtime.engine import Engine
from shared.runtime.log import Reader, partition_of
from shared.runtime.relay import Relay
from shared.runtime.settings import RuntimeSettings
from shared.runtime.store import Place
from tests.support.donating import Donate
from tests.support.dose import chance, dose
from tests.support.engines import beside, engine_over, until
from tests.support.line import ACTOR, Line, opened

PAIRS: Final = dose(40, 400)


class PairJoined(Event, frozen=True, kw_only=True):
    """Both halves of a pair are there."""

    key: ClassVar[str] = "pair_id"
    pair_id: Annotated[str, Meta(description="Pair.", examples=["7"])]


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """Say that both halves are there; as often as somebody says so."""

    pair_id: str


@dataclass(frozen=True, slots=True)
class Half:
    """One half that came."""

    payer_id: str


JOINS: Final[Decider[None, Join, PairJoined]] = Decider(
    commands=(Join,),
    events=(PairJoined,),
    stream=lambda command: f"pair-{command.pair_id}",
    initial=None,
    decide=lambda _, command: (PairJoined(pair_id=command.pair_id),),
    evolve=lambda _, __: None,
)
HALVES: Final[Projection[Half, PayerAdded]] = Projection(
    name="halves",
    version=1,
    source="foreign",
    row=Half,
    events=(PayerAdded,),
    keys=lambda event: (event.payer_id,),
    apply=lambda _, event: Half(event.payer_id),
)


def _other(half: str) -> str:
    side, _, pair = half.partition("-")
    return f"{'R' if side == 'L' else 'L'}-{pair}"


def _needs_other(event: PayerAdded, _: Rows) -> Needs:
    return {HALVES: (_other(event.payer_id),)}


def _join(event: PayerAdded, rows: Rows) -> tuple[object, ...]:
    pair = event.payer_id.partition("-")[2]
    return (Join(pair_id=pair),) if rows.get(HALVES, _other(event.payer_id)) else ()


def joining(**settings: object) -> Service:
    """Return the service."""
    return Service(
        name="joining",
        title="Joining",
        api=lambda: Api(router=APIRouter(), access={}),
        settings=RuntimeSettings.model_validate(settings),
        deciders=(JOINS,),
        reactions=(Reaction(name="join", on=PayerAdded, needs=_needs_other, react=_join),),
        projections=(HALVES,),
        private_events=(PairJoined,),
    )


def pairs() -> list[str]:
    """Return pairs whose halves go to different partitions: the left ones to 0, the right ones to 1."""
    found: list[str] = []
    n = 0
    while len(found) < PAIRS:
        n += 1
        if (partition_of(f"L-{n}", 2), partition_of(f"R-{n}", 2)) == (0, 1):
            found.append(str(n))
    return found


async def next_of(worker: Consumer, reader: Reader, place: Place) -> Mapping[Place, Sequence[Read]]:
    """Return one record of a partition."""
    found: dict[Place, Sequence[Read]] = {}

    async def there() -> bool:
        found.update(await reader.fetch_as(worker.read, records_max=1, seconds=1))
        return bool(found.get(place))

    await until(there)
    return found


async def publish(line: Line, wanted: Sequence[str]) -> None:
    """Publish both halves of all pairs, in order."""
    async with opened(replace(line, thanks=False)) as open_:
        for pair in wanted:
            await open_.giver.handle("demo", ACTOR, Donate(donor_id=f"L-{pair}"), Donate(donor_id=f"R-{pair}"))

        async def all_out() -> bool:
            return (await open_.giver.store.relayed())[0] == 2 * len(wanted)

        async with beside(Relay(open_.giver, open_.log).run()):
            await until(all_out, seconds=60)


async def joined(engine: Engine) -> list[str]:
    return [each.key for each in await engine.store.events(0, events_max=100_000)]


async def test_each_pair_is_joined_once_whoever_comes_second(line: Line, joiner: str) -> None:
    luck, wanted = chance("pairs"), pairs()
    await publish(line, wanted)
    left, right = [(f"{line.prefix}.registration", n) for n in range(2)]
    settings = line.settings(joiner)
    async with (
        opened(replace(line, thanks=False)) as open_,
        engine_over(joining(**settings), joiner) as one,
        engine_over(joining(**settings), joiner) as other,
        open_.log.reader() as of_left,
        open_.log.reader() as of_right,
    ):
        workers = [Consumer(one, open_.log), Consumer(other, open_.log)]
        await workers[0]._seek(of_left, [left])  # noqa: SLF001 (each worker stands still between reading and writing)
        await workers[1]._seek(of_right, [right])  # noqa: SLF001
        for _ in wanted:
            in_hand = [
                (workers[0], await next_of(workers[0], of_left, left)),
                (workers[1], await next_of(workers[1], of_right, right)),
            ]
            luck.shuffle(in_hand)
            assert await asyncio.gather(*(worker.take(records) for worker, records in in_hand)) == [True, True]
        found = await joined(one)
        parked = await one.store.parked(None, rows_max=10)

    assert sorted(found) == sorted(wanted)
    assert not parked
