"""A relay round that got one partition out, and a store that is gone: what is lost is told, torn histories wait."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import count

import pytest

from apps.embedded.database_server import DatabaseServer
from shared.events.envelope import Envelope
from shared.runtime.consumer import Consumer
from shared.runtime.definition import Service
from shared.runtime.engine import Engine
from shared.runtime.log import LogUnavailable, partition_of
from shared.runtime.losses import PositionLost
from shared.runtime.relay import Relay
from shared.runtime.unit import StreamLocked
from shared.runtime.unlocking import StreamNotLocked, unlock
from tests.integration.relay_and_consumer.test_line import HalfBroken
from tests.support.databases import fresh_database
from tests.support.donating import GIFTS, Donate
from tests.support.engines import beside, engine_at_rest, engine_over, until
from tests.support.restoring import CLERK, PARTITIONS, Line, check_chain, check_verified
from tests.support.rewinding import put_back, save

pytestmark = [
    pytest.mark.allow_hosts(["127.0.0.1"]),
    pytest.mark.parametrize("log", ["postgres", "kafka"], indirect=True),
]


async def torn(line: Line, service: Service, *units: Sequence[str], before_copy: Sequence[str] = ()) -> None:
    """Publish ten gifts, keep a copy, then add units of which one partition alone gets out."""
    url = line.urls["registration"]
    async with engine_over(service, url) as giver:
        for n in range(1, 11):
            await giver.handle("demo", CLERK, Donate(donor_id=f"D-{n}"))
        await all_out(line, giver)
        for each in before_copy:
            await giver.handle("demo", CLERK, Donate(donor_id=each))
        await save(url)
        for donors in units:
            await giver.handle("demo", CLERK, *(Donate(donor_id=each) for each in donors))
        with pytest.raises(LogUnavailable):
            await Relay(giver, HalfBroken(line.log)).run()  # type: ignore[arg-type]  # the rest of it is the log itself


async def all_out(line: Line, giver: Engine) -> None:
    async def out() -> bool:
        return (await giver.store.relayed())[0] == (await giver.store.head()).position

    async with beside(Relay(giver, line.log).run()):
        await until(out)


async def facts(engine: Engine) -> list[Envelope]:
    return list(await engine.store.events(0, events_max=1_000))


def donor(name: str, partition: int) -> str:
    """Return a donor whose facts go to a partition."""
    return next(each for each in (f"{name}-{n}" for n in count()) if partition_of(each, PARTITIONS) == partition)


UNITS = (
    [donor("E", 0), donor("E", 1), donor("E", 2)],
    *([donor(f"F{n}", n % 3)] for n in range(12)),
    [donor("G", 0), donor("G", 1)],  # it ends behind the last fact that got out
)
"""The first partition gets out: of each unit of several facts one is kept."""


@pytest.mark.parametrize("lost", [True, False], ids=["lost", "set back"])
async def test_torn_tail_is_told_and_its_units_are_locked(
    line: Line, database_server: DatabaseServer, *, lost: bool
) -> None:
    service = line.service("registration")
    await torn(line, service, *UNITS)
    async with engine_over(service, line.urls["registration"]) as giver:
        written = await facts(giver)
    if lost:
        line.urls["registration"] = await fresh_database(database_server)
    else:
        await put_back(line.urls["registration"])
    refused = await line.restored("registration")
    async with engine_at_rest(line.service("registration"), line.urls["registration"]) as resting:
        untouched = len(await facts(resting))
    report = await line.restored("registration", accept_losses=True)
    async with engine_over(line.service("registration"), line.urls["registration"]) as giver:
        found = await facts(giver)
        locked = await giver.store.locked_streams()
        await all_out(line, giver)
        await giver.handle("demo", CLERK, Donate(donor_id="H-1"))
        await all_out(line, giver)
        await check_verified(line, giver)
    told = [each.position for each in found if each.type == PositionLost.__name__]
    kept = [each for each in found if each.type != PositionLost.__name__]

    assert (refused.outcome, refused.lost_count) == ("positions-lost", len(told))
    assert untouched == (0 if lost else 10)
    assert list(report.lost) == told
    assert kept == [each for each in written if each.position not in told]
    assert told == [12, 13, *(14 + n for n in range(12) if n % 3), 27]
    check_chain(found)
    assert set(locked) == {("demo", each.stream) for each in kept if unit(each) & set(told)}
    assert report.locked_streams == tuple(locked)
    await check_consumer(line, kept)


def unit(envelope: Envelope) -> set[int]:
    return set(range(envelope.unit_first, envelope.unit_last + 1))


async def check_consumer(line: Line, expected: Sequence[Envelope]) -> None:
    """Who reads the topic finds every fact that was kept once, and neither a gap nor a divergence."""
    places = [(f"{line.prefix}.registration", n) for n in range(PARTITIONS)]
    async with engine_over(line.service("lending"), line.urls["lending"]) as lender:
        async with beside(Consumer(lender, line.log).run(places)):

            async def read() -> bool:
                return sum(each.type == "CopyLent" for each in await facts(lender)) > len(expected)

            await until(read)
        lent = [each.key for each in await facts(lender) if each.type == "CopyLent"]

        assert lender.stopped == {}
        assert sorted(lent) == sorted([*(each.key for each in expected), "H-1"])


@pytest.mark.parametrize("taken", [False, True], ids=["nothing written since", "a published version taken"])
async def test_copy_from_the_middle_of_a_torn_round_goes_on_behind_it(line: Line, *, taken: bool) -> None:
    service, url = line.service("registration"), line.urls["registration"]
    copied = [donor("C", 0), donor("C", 1)]  # the second one is in the copy and on no topic, as is the next one
    await torn(line, service, [donor("L", 1)], [donor("K", 0)], [donor("L", 0)], before_copy=copied)
    async with engine_over(service, url) as giver:
        written = await facts(giver)
    await put_back(url)
    if taken:
        async with engine_over(service, url) as giver:
            await giver.handle("demo", CLERK, Donate(donor_id=donor("K", 0)))
    report = await line.restored("registration", accept_losses=True)
    async with engine_over(service, url) as giver:
        found = await facts(giver)
        if not taken:
            await all_out(line, giver)
            await check_verified(line, giver)

    if taken:
        assert (report.outcome, report.first_differing_position) == ("diverged", 12)
        assert len(found) == 13
    else:
        assert (report.outcome, report.position_before, report.lost) == ("restored", 12, (13,))
        assert [each for each in found if each.position != 13] == [each for each in written if each.position != 13]


async def test_stream_with_a_missing_version_is_locked_until_a_person_looked(
    line: Line, database_server: DatabaseServer
) -> None:
    def everybody(service: Service) -> Service:
        return replace(service, deciders=(replace(GIFTS, stream=lambda _: "donors"),))

    await torn(line, everybody(line.service("registration")), *UNITS)
    line.urls["registration"] = await fresh_database(database_server)
    await line.restored("registration", accept_losses=True)
    async with engine_over(everybody(line.service("registration")), line.urls["registration"]) as giver:
        locked = await giver.store.locked_streams()
        with pytest.raises(StreamLocked):
            await giver.handle("demo", CLERK, Donate(donor_id="H-1"))
        await unlock(giver, "demo", "donors", reason="nothing-missing", by=CLERK)
        with pytest.raises(StreamNotLocked):
            await unlock(giver, "demo", "donors", reason="nothing-missing", by=CLERK)
        await giver.handle("demo", CLERK, Donate(donor_id="H-1"))
        await all_out(line, giver)
        found = await facts(giver)
    line.urls["registration"] = await fresh_database(database_server)
    again = await line.restored("registration")
    async with engine_at_rest(everybody(line.service("registration")), line.urls["registration"]) as resting:
        same = await facts(resting)

    assert locked == [("demo", "donors")]
    assert again.outcome == "restored"
    assert (again.lost_count, again.locked_streams, again.incarnation) == (0, (), 3)
    assert same == found
