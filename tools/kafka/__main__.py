"""The command line of the development Kafka.

python -m tools.kafka run              in the foreground, until Ctrl-C
python -m tools.kafka start | stop     in the background
"""

import argparse
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from tools.kafka.node import KafkaNotStarted, running, start, stop_recorded

PORT: Final = 9092
DATA: Final = Path("var/kafka")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.kafka", description="One Kafka node for development.")
    parser.add_argument("command", choices=["run", "start", "stop"])
    parser.add_argument("--port", type=int, default=PORT, help=f"where clients connect (default {PORT})")
    parser.add_argument("--data", type=Path, default=DATA, help=f"folder of data and log (default {DATA})")
    given = parser.parse_args(arguments)
    try:
        if given.command == "stop":
            if stop_recorded(given.data):
                return 0
            print(f"no node was started in {given.data}", file=sys.stderr)
            return 1
        if given.command == "start":
            print(f"KAFKA_BOOTSTRAP={start(given.data, given.port).bootstrap}")
            return 0
        with running(given.data, given.port) as node:
            print(f"KAFKA_BOOTSTRAP={node.bootstrap}", flush=True)
            with suppress(KeyboardInterrupt):
                signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
                node.process.wait()
    except KafkaNotStarted as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
