"""Fifty clients decide on one version through four processes, again and again: each version has one winner (F17)."""

import asyncio
from contextlib import AsyncExitStack
from typing import Final

import pytest

from apps.embedded.database_server import DatabaseServer
from shared.events.envelope import Actor
from shared.runtime.unit import Outcome, VersionDiffers
from tests.support.databases import fresh_database
from tests.support.dose import chance, dose
from tests.support.engines import engine_over
from tests.support.lending import Lend, Return, lending

CLIENTS: Final = 50
ROUNDS: Final = dose(20, 200)
CLERK: Final = Actor(kind="human", id="clerk-1")


@pytest.fixture
async def url(database_server: DatabaseServer) -> str:
    return await fresh_database(database_server)


async def test_each_version_has_one_winner_and_the_others_are_told(url: str) -> None:
    luck = chance("clients of one version")
    async with AsyncExitStack() as stack:
        processes = [await stack.enter_async_context(engine_over(lending(), url)) for _ in range(4)]
        for seen in range(ROUNDS):
            command = Return(copy_id="C-1") if seen % 2 else Lend(copy_id="C-1")
            asked = [
                luck.choice(processes).handle("demo", CLERK, command, expected_version=seen) for _ in range(CLIENTS)
            ]
            answers = await asyncio.gather(*asked, return_exceptions=True)
            won = [answer for answer in answers if isinstance(answer, Outcome)]

            assert [(each.version, each.added) for each in won] == [(seen + 1, 1)]
            assert {type(answer) for answer in answers} == {Outcome, VersionDiffers}
        facts = await processes[0].store.events(0, events_max=1_000)

    assert [fact.version for fact in facts] == list(range(1, ROUNDS + 1))
