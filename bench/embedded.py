"""The embedded process as something to measure: it says where it is, and ends when nobody listens any more.

Run by `lifecycle.py` in a process of its own, so that the client's time is not the services' time.
"""

import asyncio
import json
import logging
import sys
from pathlib import Path

import uvloop

from apps.embedded.process import running
from apps.embedded.settings import ISSUER, TENANT, Settings
from shared.runtime.telemetry import configure_logging


async def serve(settings: Settings) -> None:
    """Serve until standard input ends."""
    async with running(settings) as process:
        print(json.dumps({"base_url": process.base_url, "tenant": TENANT, "issuer": ISSUER}), flush=True)
        await asyncio.to_thread(sys.stdin.read)


def main() -> None:
    """Serve with the data folder, database, Kafka and topics that are named."""
    configure_logging(level=logging.WARNING, readable=True)
    data, database_url, kafka_bootstrap, topic_prefix = sys.argv[1:]
    settings = Settings(
        data=Path(data), database_url=database_url, kafka_bootstrap=kafka_bootstrap, topic_prefix=topic_prefix, port=0
    )
    uvloop.run(serve(settings))


if __name__ == "__main__":
    main()
