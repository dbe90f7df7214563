"""A service's own invariants over facts: of a service in memory, or as examples, unit by unit."""

from collections.abc import Iterable, Sequence
from typing import Any

from shared.events.envelope import Event
from shared.kernel.invariant import AnyInvariant
from shared.runtime.progress import silent
from shared.runtime.verify.domain import check_domain
from tests.support.memory import Running


async def broken_in(running: Running) -> dict[str, str | None]:
    """Return the counter-examples of a service in memory; empty where all its invariants hold."""
    to = (await running.engine.store.head()).position
    findings = await check_domain(running.engine, to, silent)
    return {each.name: each.counter_example for each in findings if not each.holds}


def broken_by(invariants: Iterable[AnyInvariant], *units: Sequence[Event]) -> set[str]:
    """Return the names of the invariants that some unit of facts breaks."""
    return {each.name for each in invariants if _is_broken(each, units)}


def _is_broken(invariant: AnyInvariant, units: Sequence[Sequence[Event]]) -> bool:
    rows: dict[str, Any] = {}
    for unit in units:
        for fact in unit:
            if isinstance(fact, invariant.events):
                rows |= {key: invariant.apply(rows.get(key), fact) for key in invariant.keys(fact)}
        if any(row is not None and invariant.is_broken(row) for row in rows.values()):
            return True
    return False
