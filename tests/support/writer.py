"""One writing process for the store's suite: lends and returns the same few copies as everybody else.

    python -m tests.support.writer ADDRESS SEED ROUNDS

Prints one JSON list: each accepted command's stream, version and position.
"""

import asyncio
import json
import random
import sys

from shared.events.envelope import Actor
from shared.kernel.errors import KnownError
from tests.support.engines import engine_over
from tests.support.lending import Lend, Return, lending

COPIES = 3


async def write(url: str, seed: int, rounds: int) -> list[tuple[str, int, int]]:
    """Send conflicting commands, most of which are refused or change nothing; return those that added a fact."""
    chance = random.Random(seed)  # noqa: S311 (a reproducible load)
    actor = Actor(kind="service", id=f"writer-{seed}")
    accepted: list[tuple[str, int, int]] = []
    async with engine_over(lending(), url) as engine:
        for _ in range(rounds):
            copies = [f"C-{chance.randrange(COPIES)}" for _ in range(5)]
            commands = [Lend(copy_id=each) if chance.random() < 0.5 else Return(copy_id=each) for each in copies]
            asked = [engine.handle("demo", actor, command) for command in commands]
            for outcome in await asyncio.gather(*asked, return_exceptions=True):
                if isinstance(outcome, KnownError):
                    continue
                if isinstance(outcome, BaseException):
                    raise outcome
                if outcome.added:
                    accepted.append((outcome.stream, outcome.version, outcome.position))
    return accepted


def main(url: str, seed: str, rounds: str) -> None:
    """Write, and print what was accepted."""
    print(json.dumps(asyncio.run(write(url, int(seed), int(rounds)))))  # noqa: T201 (the answer)


if __name__ == "__main__":
    main(*sys.argv[1:])
