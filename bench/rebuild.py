"""A read model rebuilt from stored facts, and a store verified, beside loops that only decode the same bytes.

`python -m bench.rebuild --events 1000000`. Claims' read model of claims over facts of about 1 kB, put into the store by
COPY; the rebuild runs in a process of its own, as it does for an operator, so that its memory is its alone. Then the
same store is verified: chain, versions, names, head. The loops decode with msgspec, as the product does, and with
pydantic models of the same fields. **Units**: loops in seconds of CPU; rebuild and verification by the clock.
"""

import argparse
import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import reduce
from operator import or_
from pathlib import Path
from time import perf_counter, process_time
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

import asyncpg
import uvloop
from msgspec import NODEFAULT, Struct, structs
from pydantic import BaseModel, create_model

from apps.embedded.database_server import DatabaseServer
from bench.figures import Figure, reported
from bench.machine import database_server, loops_per_second
from bench.projection import NotVerified, claims_alone, verify_claims
from bench.stores import FACTS_OF_A_CLAIM, LINES_OF_A_KILOBYTE, claim_facts, engine_over, fill
from services.claims.projections import CLAIM_ROWS
from shared.events.envelope import Envelope, Event
from shared.runtime.garbage import collect_seldom
from shared.runtime.progress import silent
from shared.runtime.rebuild import replay
from shared.runtime.store import table_name
from shared.runtime.verify import Choice, verify
from shared.runtime.wiring import Wiring

_DATABASE: Final = "rebuild"
_DECODED_CLAIMS: Final = 4_000
_MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What the process of its own measured. **Units**: `cpu_seconds` and `peak_mib` of that process alone."""

    events: int
    seconds: float
    cpu_seconds: float
    peak_mib: float
    table: str
    verify_seconds: float


async def _rebuild(server: DatabaseServer) -> Rebuilt:
    async with engine_over(server, claims_alone(server.url(_DATABASE)), _DATABASE) as engine:
        begun, cpu = perf_counter(), process_time()
        done = await replay(engine, None, CLAIM_ROWS, silent)
        seconds, cpu_seconds, peak_mib = perf_counter() - begun, process_time() - cpu, _peak_mib()
        verified = await verify(engine, None, choice=Choice(quick=True))
    if not verified.holds:
        raise NotVerified(f"the filled store is not whole: {verified.invariants}")
    return Rebuilt(done.events, seconds, cpu_seconds, peak_mib, done.table, verified.seconds)


def _peak_mib() -> float:
    (line,) = [each for each in Path("/proc/self/status").read_text().splitlines() if each.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


async def _filled(server: DatabaseServer, events: int) -> int:
    """Fill the store, and let the empty read model count as up to date: it is the rebuild that has to fill it."""
    service = claims_alone(server.url(_DATABASE))
    position = await fill(server, service, _DATABASE, claims=events // FACTS_OF_A_CLAIM, lines=LINES_OF_A_KILOBYTE)
    connection = await asyncpg.connect(server.url(_DATABASE))
    try:
        await connection.execute(
            "insert into projected (name, position) values ($1, $2)"
            " on conflict (name) do update set position = excluded.position",
            table_name(CLAIM_ROWS),
            position,
        )
    finally:
        await connection.close()
    return position


def _in_its_own_process(server: DatabaseServer) -> Rebuilt:
    done = subprocess.run(  # noqa: S603 (our own module)
        [sys.executable, "-m", "bench.rebuild", "--run", str(server.socket_folder)],
        stdout=subprocess.PIPE,
        check=True,
    )
    return Rebuilt(**json.loads(done.stdout.splitlines()[-1]))


def _decoding() -> dict[str, Figure]:
    """Return how fast the same bytes are decoded and nothing else is done."""
    facts = list(claim_facts(_DECODED_CLAIMS, LINES_OF_A_KILOBYTE))
    registry = Wiring(claims_alone()).registry
    kinds: list[type[Event]] = sorted({registry.events[each.type] for each in facts}, key=lambda kind: kind.__name__)
    models = {kind.__name__: _model(kind) for kind in kinds}
    decoders = {name: registry.decoders[name].decode for name in models}
    validators: dict[str, Callable[[bytes], object]] = {
        name: model.model_validate_json for name, model in models.items()
    }
    for name, decode in decoders.items():  # both read every field
        sample = next(each for each in facts if each.type == name)
        if len(structs.asdict(decode(sample.data))) != len(validators[name](sample.data).__dict__):
            raise NotVerified(f"the two forms of {name} differ")
    control = loops_per_second()
    beside = "control loop of CPU"
    return {
        "bare_msgspec_decode": Figure(
            value=_per_second(decoders, facts), unit="events/s", baseline=control, beside=beside
        ),
        "bare_pydantic_decode": Figure(
            value=_per_second(validators, facts), unit="events/s", baseline=control, beside=beside
        ),
    }


def _per_second(decoders: Mapping[str, Callable[[bytes], object]], facts: Sequence[Envelope]) -> float:
    begun = process_time()
    for each in facts:
        decoders[each.type](each.data)
    return len(facts) / (process_time() - begun)


def _model(kind: type[Struct]) -> type[BaseModel]:
    """Return a pydantic model with the fields of a Struct."""
    hints = get_type_hints(kind)
    found: dict[str, Any] = {
        field.name: (_plain(hints[field.name]), ... if field.default is NODEFAULT else field.default)
        for field in structs.fields(kind)
    }
    made: type[BaseModel] = create_model(kind.__name__, **found)
    return made


def _plain(hint: Any) -> Any:  # noqa: ANN401 (any type that a field has)
    if isinstance(hint, type) and issubclass(hint, Struct):
        return _model(hint)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is tuple:
        return tuple[tuple(map(_plain, arguments))]  # type: ignore[misc] # as many as there are
    if origin in {Union, UnionType}:
        return reduce(or_, map(_plain, arguments))
    return hint


def measure(events: int = _MILLION) -> dict[str, Figure]:
    """Return the figures. **Errors**: `NotVerified`."""
    decoding = _decoding()
    with database_server() as server:
        filled = asyncio.run(_filled(server, events))
        done = _in_its_own_process(server)
        if done.events != filled:
            raise NotVerified(f"{filled} facts are stored, and {done.events} were folded")
        asyncio.run(verify_claims(server, _DATABASE, filled // FACTS_OF_A_CLAIM, done.table))
    rate = done.events / done.seconds
    pydantic, msgspec = decoding["bare_pydantic_decode"].value, decoding["bare_msgspec_decode"].value
    return decoding | {
        "rebuild": Figure(value=rate, unit="events/s", baseline=pydantic, beside="bare_pydantic_decode"),
        "rebuild_of_msgspec": Figure(value=rate, unit="events/s", baseline=msgspec, beside="bare_msgspec_decode"),
        "rebuild_python_cpu": Figure(value=done.cpu_seconds / filled * _MILLION, unit="µs/event"),
        "rebuild_memory": Figure(value=done.peak_mib, unit="MiB at its peak"),
        "verify_chain": Figure(value=done.verify_seconds / filled * _MILLION, unit="s for 1,000,000 events"),
    }


def main() -> None:
    """Measure, check, write, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=_MILLION)
    parser.add_argument("--run", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run is None:
        reported("Rebuild", measure(given.events))
    else:
        collect_seldom()
        print(json.dumps(asdict(uvloop.run(_rebuild(DatabaseServer(given.run))))))


if __name__ == "__main__":
    main()
