"""One process of a service that is asked for the same few things as three others, nearly always in vain.

    python -m tests.support.asker ADDRESS SEED ROUNDS

Prints one JSON list per lane: what was asked and answered, in order; each lane waits for an answer before it asks on.
"""

import asyncio
import json
import random
import sys
from dataclasses import asdict, dataclass
from typing import Final, Literal

from shared.events.envelope import Actor
from shared.kernel.errors import Rejected
from shared.runtime.engine import Engine
from tests.support.engines import engine_over
from tests.support.lending import Lend, Return, lending

COPIES: Final = 3
LANES: Final = 4
LENT_SHARE: Final = 0.06
"""Of so few loans most returns come to nothing: about nine of ten answers add no fact."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One command and its answer. **Shape**: version and position are -1 where it was refused."""

    copy_id: str
    what: Literal["lend", "return"]
    version: int
    position: int
    added: int


async def lane(engine: Engine, chance: random.Random, rounds: int) -> list[Asked]:
    """Ask one thing after the other."""
    actor = Actor(kind="service", id="asker")
    answers: list[Asked] = []
    for _ in range(rounds):
        copy = f"C-{chance.randrange(COPIES)}"
        what: Literal["lend", "return"] = "lend" if chance.random() < LENT_SHARE else "return"
        command = Lend(copy_id=copy) if what == "lend" else Return(copy_id=copy)
        try:
            outcome = await engine.handle("demo", actor, command)
        except Rejected:
            answers.append(Asked(copy, what, -1, -1, 0))
        else:
            answers.append(Asked(copy, what, outcome.version, outcome.position, outcome.added))
    return answers


async def ask(url: str, seed: int, rounds: int) -> list[list[dict[str, object]]]:
    """Return the answers of each lane."""
    async with engine_over(lending(), url) as engine:
        lanes = [lane(engine, random.Random(f"{seed}/{n}"), rounds) for n in range(LANES)]  # noqa: S311 (reproducible)
        return [[asdict(each) for each in answers] for answers in await asyncio.gather(*lanes)]


def main(url: str, seed: str, rounds: str) -> None:
    """Ask, and print the answers."""
    print(json.dumps(asyncio.run(ask(url, int(seed), int(rounds)))))  # noqa: T201 (the answer)


if __name__ == "__main__":
    main(*sys.argv[1:])
