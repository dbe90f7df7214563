"""Every consumer takes every stored example that it subscribes to: old bytes, today's reactions and read models."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from shared.events.envelope import Event
from shared.events.registry import EVENTS, PRODUCERS
from shared.kernel.reaction import Rows
from shared.runtime.definition import Service
from shared.runtime.wiring import Wiring
from tests.contract.published import FILES, event, fact
from tests.support.memory import running
from tools.service_values import services

ROUNDS_MAX = 10
NOW = datetime(2026, 3, 3, 14, 30, tzinfo=UTC)


def subscribes(service: Service, kind: type[Event]) -> bool:
    """Return whether a service has a reaction or a read model for an event."""
    reacts = any(reaction.on is kind for reaction in service.reactions)
    return reacts or any(kind in projection.events for projection in service.projections)


def subscriptions() -> Iterator[Any]:
    """Yield every service with every stored example that it takes."""
    for service in services():
        for file in FILES:
            if subscribes(service, EVENTS[fact(file).envelope.type]):
                yield pytest.param(service, file, id=f"{service.name}-{file.stem}")


@pytest.mark.parametrize(("service", "file"), list(subscriptions()))
async def test_read_models_and_reactions_take_a_stored_example(service: Service, file: Path) -> None:
    found = await event(file)
    assert found is not None
    wiring = Wiring(service)
    kind = type(found)

    for projection in (*wiring.own.get(kind, ()), *wiring.foreign.get(kind, ())):
        for _key in projection.keys(found):
            row = projection.apply(None, found)
            assert row is None or isinstance(row, projection.row)
            projection.apply(row, found)
    for reaction in (*wiring.own_reactions.get(kind, ()), *wiring.foreign_reactions.get(kind, ())):
        rows = needed(reaction, found)
        assert all(wiring.decider(command) for command in reaction.react(found, rows))


def needed(reaction: Any, found: Event) -> Rows:  # noqa: ANN401 (a reaction on any event)
    """Return the rows that a reaction asks for, none of which exists, asked until it names nothing new."""
    rows = Rows({}, NOW)
    for _ in range(ROUNDS_MAX):
        asked = {(model.name, key) for model, keys in reaction.needs(found, rows).items() for key in keys}
        if asked <= set(rows.loaded):
            return rows
        rows = Rows({**rows.loaded, **dict.fromkeys(asked)}, NOW)
    raise AssertionError("needs names new rows without end")


async def foreign_examples(service: Service) -> list[Event]:
    """Return the stored examples that a service gets from others."""
    found = [await event(file) for file in FILES if EVENTS[fact(file).envelope.type] not in PRODUCERS[service.name]]
    return [each for each in found if each and subscribes(service, type(each))]


def orders(examples: Sequence[Event]) -> Iterator[Sequence[Event]]:
    """Yield the examples in a few orders; the decisions' own tests try all."""
    yield examples
    yield examples[::-1]
    yield [*examples[1::2], *examples[::2]]


@pytest.mark.parametrize("service", services(), ids=lambda service: service.name)
async def test_a_service_parks_no_example_in_any_order_and_takes_it_twice(service: Service) -> None:
    examples = await foreign_examples(service)

    for order in orders(examples):
        async with running(service) as running_:
            await running_.deliver(*order, *order, at=NOW)

            assert await running_.parked() == []
