"""What an encounter takes on disk: in the five stores, part by part, and on the topics.

`python -m bench.footprint --encounters 2000`, over five processes and Kafka. Sizes are those of files, before and after
the encounters, so that what an empty store takes is not in them; write-ahead logs, which servers recycle, are left out.
**Units**: bytes of one encounter; one copy of each (multiply by the copies of databases and topics).
"""

import argparse
from collections import Counter
from pathlib import Path
from typing import Final

import asyncpg
import uvloop

from apps.embedded.database_server import DatabaseServer
from apps.embedded.settings import SERVICES
from bench.deployment import Deployment, deployed
from bench.figures import Figure, reported
from bench.lifecycle import Options, running
from bench.machine import Kafka, database_server, folder
from bench.practice import Practice
from tools.kafka.node import free_port
from tools.kafka.node import running as kafka_running

_SEED: Final = 7
_RELATIONS: Final = (
    "select relname as name, pg_total_relation_size(oid) as size from pg_class"
    " where relkind = 'r' and relnamespace = 'public'::regnamespace"
)
_PARTS: Final = {"events": "facts", "files": "files"}
"""Tables that are named; all others are read models, keys of requests and checkpoints."""


async def sizes(server: DatabaseServer, topics: Path) -> Counter[str]:
    """Return bytes by part of each store, and of the records on topics."""
    found = Counter[str]()
    for service in SERVICES:
        connection = await asyncpg.connect(server.url(f"claimlog_{service}"))
        try:
            for row in await connection.fetch(_RELATIONS):
                found[f"{service}_{_PARTS.get(row['name'], 'read_models')}"] += row["size"]
        finally:
            await connection.close()
    found["topics"] = _records(topics)
    return found


def _records(topics: Path) -> int:
    return sum(each.stat().st_size for each in topics.glob("*/*.log"))


async def measure(encounters: int, deployment: Deployment, log: Kafka, topics: Path) -> dict[str, Figure]:
    """Return how many bytes an encounter takes."""
    options = Options(encounters=encounters, seed=_SEED, seconds=0, chain=False)
    async with running(options, deployment, log, await Practice.read(_SEED), {}) as run:
        await run.prepare()
        before, facts = await sizes(deployment.server, topics), await run.stores.facts()
        await run.through()
        grown, facts = await sizes(deployment.server, topics) - before, await run.stores.facts() - facts
    found = {name: Figure(value=size / encounters, unit="bytes/encounter") for name, size in sorted(grown.items())}
    stores = sum(size for name, size in grown.items() if name != "topics")
    found["stores"] = Figure(value=stores / encounters, unit="bytes/encounter")
    return {f"footprint_{name}": each for name, each in found.items()} | {
        "footprint_events": Figure(value=facts / encounters, unit="facts/encounter")
    }


def main() -> None:
    """Measure, write, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encounters", type=int, default=2_000)
    given = parser.parse_args()
    with folder() as data, folder() as kafka, database_server() as server:
        with kafka_running(kafka, free_port()) as node:
            log = Kafka(node.bootstrap, node.process.pid)
            with deployed("five_processes", data, server, log.bootstrap) as deployment:
                figures = uvloop.run(measure(given.encounters, deployment, log, kafka / "log"))
        reported(f"Bytes of an encounter, {given.encounters:,} of them", figures)


if __name__ == "__main__":
    main()
