"""What a scrape asks the database: how far facts got, what is stuck, what waits, and a service's own numbers.

Owns: the questions, each within a time limit and none more often than every few seconds, so that a scraper costs the
same however many there are. Refuses: the hot path, and failing: a question without an answer is left out, and
`claimlog_gauge_answered` says so. They tell the truth also while the worker is away. Next: `status.py` tells a person.
"""

import asyncio
from collections.abc import Awaitable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from structlog import get_logger

from shared.runtime import clock
from shared.runtime.engine import Engine
from shared.runtime.intents import open_intents
from shared.runtime.postgres import connect
from shared.runtime.seldom import Seldom
from shared.runtime.status import waiting
from shared.runtime.store import table_name

_LOG = get_logger("gauges")
_SECONDS_MAX: Final = 2
Sample: TypeAlias = tuple[str, tuple[str, ...], float]
"""Name, values of its labels after the service, value."""


@dataclass(frozen=True, slots=True)
class Told:
    """One gauge: what it means, and by what it is told apart besides the service."""

    about: str
    labels: tuple[str, ...] = ()


GAUGES: Final[dict[str, Told]] = {
    "claimlog_position_facts": Told("Position of the newest fact of the store."),
    "claimlog_relay_position_facts": Told("Position up to which facts were published."),
    "claimlog_relay_lag_seconds": Told("Age of the oldest fact that is not published yet; 0 when all are."),
    "claimlog_parked_records": Told("Records that could not be handled, and those that wait behind them."),
    "claimlog_locked_streams": Told("Streams that a restore left torn, and that wait for a person."),
    "claimlog_projection_position_facts": Told("Position up to which a read model is folded.", ("read_model",)),
    "claimlog_projection_broken": Told(
        "1 for a read model that stopped at a fact that it cannot fold.", ("read_model",)
    ),
    "claimlog_effects_held": Told("1 while effects are held after a restore."),
    "claimlog_effects_waiting": Told("Intents that nobody has attempted yet.", ("effect",)),
    "claimlog_effects_unknown": Told("Intents that were attempted and whose outcome is unknown.", ("effect",)),
    "claimlog_waiting_rows": Told("Rows of a worklist that wait for a kind of fact.", ("worklist", "missing")),
    "claimlog_gauge_answered": Told("0 where a question of this scrape had no answer in time.", ("question",)),
}
"""Every gauge that all services have; those of one service are its `measures`."""


class Gauges:
    """What one service's database says, as of a few seconds ago at most."""

    def __init__(self) -> None:
        self._samples = Seldom(collected)

    async def text(self, engine: Engine) -> bytes:
        """Return the gauges in Prometheus' text form."""
        registry = CollectorRegistry()
        registry.register(_Families(engine, await self._samples.of(engine)))
        return generate_latest(registry)


async def collected(engine: Engine) -> list[Sample]:
    """Return what every question was answered with, and which had no answer in time."""
    found: list[Sample] = []
    for question in (_store, _effects, _waiting, _measures):
        name = question.__name__.strip("_")
        samples = await _in_time(question(engine), name)
        found += [*(samples or ()), ("claimlog_gauge_answered", (name,), 0.0 if samples is None else 1.0)]
    return found


async def _in_time(asked: Awaitable[list[Sample]], name: str) -> list[Sample] | None:
    try:
        async with asyncio.timeout(_SECONDS_MAX):
            return await asked
    except Exception as error:  # noqa: BLE001 (a scrape tells what it can; the gauge and this line say what it cannot)
        _LOG.warning("gauge-not-answered", state=name, kind=type(error).__name__)
        return None


async def _store(engine: Engine) -> list[Sample]:
    """Return positions, the relay's lag, what is parked and locked, and where read models stand."""
    connection = await connect(engine.service.settings.database_url)
    try:
        (row,) = await connection.fetch(
            "select h.position, r.position as relayed, (select recorded_at from events where position = r.position + 1)"
            " as oldest, (select count(*) from parked) as parked, (select count(*) from locked_stream) as locked,"
            " h.effects_held from store_head h, relay_head r"
        )
        projected = await connection.fetch("select name, position, broken from projected")
    finally:
        await connection.close()
    lag = (clock.now() - row["oldest"]).total_seconds() if row["oldest"] else 0.0
    names = {table_name(each): each.name for each in engine.wiring.own_projections}
    return [
        ("claimlog_position_facts", (), row["position"]),
        ("claimlog_relay_position_facts", (), row["relayed"]),
        ("claimlog_relay_lag_seconds", (), max(lag, 0.0)),
        ("claimlog_parked_records", (), row["parked"]),
        ("claimlog_locked_streams", (), row["locked"]),
        ("claimlog_effects_held", (), float(row["effects_held"])),
        *_read_models(names, projected),
    ]


def _read_models(names: dict[str, str], projected: Iterable[Any]) -> Iterator[Sample]:
    for row in projected:
        if row["name"] in names:
            read_model = (names[row["name"]],)
            yield "claimlog_projection_position_facts", read_model, row["position"]
            yield "claimlog_projection_broken", read_model, float(row["broken"] is not None)


async def _effects(engine: Engine) -> list[Sample]:
    states = [(each.effect, each.state) for each in await open_intents(engine)]
    effects = [effect.name for effect in engine.wiring.own_effects]
    return [
        *(("claimlog_effects_waiting", (name,), states.count((name, "not-attempted"))) for name in effects),
        *(("claimlog_effects_unknown", (name,), states.count((name, "attempted"))) for name in effects),
    ]


async def _waiting(engine: Engine) -> list[Sample]:
    rows = await waiting(engine)
    return [("claimlog_waiting_rows", (row["worklist"], row["missing"]), row["count"]) for row in rows]


async def _measures(engine: Engine) -> list[Sample]:
    tenants = await engine.tenants()
    return [
        (
            f"claimlog_{engine.service.name}_{measure.name}",
            (),
            sum([measure.value(await engine.row(measure.projection, tenant, measure.key)) for tenant in tenants]),
        )
        for measure in engine.service.measures
    ]


class _Families:
    """The samples as the client library wants to be asked for them."""

    def __init__(self, engine: Engine, samples: Iterable[Sample]) -> None:
        self._service = engine.service
        self._samples = samples

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield each gauge with its values."""
        own = {f"claimlog_{self._service.name}_{each.name}": Told(each.about) for each in self._service.measures}
        for name, told in {**GAUGES, **own}.items():
            family = GaugeMetricFamily(name, told.about, labels=("service", *told.labels))
            for _, labels, value in (sample for sample in self._samples if sample[0] == name):
                family.add_metric((self._service.name, *labels), value)
            yield family
