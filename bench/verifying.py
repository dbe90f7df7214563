"""Whether a run of the whole line is right to the cent, once its services have stopped.

Owns: the product's own proof, put together from the stores of a deployment. Refuses: timing; `lifecycle.py` measures.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.embedded.exchange import Exchange
from apps.embedded.proof import prove
from apps.embedded.settings import TENANT
from apps.embedded.tally import Tally
from bench.deployment import Deployment
from services.payments.projections.claim_accounts import CLAIM_ACCOUNTS
from shared.clients.payments import Trial
from shared.runtime.host import open_host


class NotVerified(Exception):
    """The counts or the money of the run are wrong: no figure of it means anything."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of a run, as the services tell it."""

    tally: Tally
    trial: Trial
    book: Mapping[str, Any]
    facts: int


async def verify(deployment: Deployment, ended: Ended) -> None:
    """Compare the four accounts of the money, once the services have stopped. **Errors**: `NotVerified`."""
    async with open_host(deployment.service("claims")) as claims, open_host(deployment.service("payments")) as payments:
        exchange = Exchange(deployment.data / "exchange", [claims.engine, payments.engine])
        await exchange.copy()
        accounts, after = [], None
        while True:
            rows = await payments.engine.store.select(CLAIM_ACCOUNTS, TENANT, where={}, after=after, rows_max=1_000)
            accounts += [_cents_of(row) for _, row in rows]
            if not rows:
                break
            after = rows[-1][0]
    proof = prove(ended.tally, ended.trial, accounts, ended.book, deployment.data / "exchange")
    if not proof.holds:
        raise NotVerified("; ".join(proof.differences))


def _cents_of(row: object) -> dict[str, int]:
    names = ("charge", "paid", "contractual", "denied", "patient")
    return {f"{name}_cents": getattr(row, f"{name}_cents") for name in names}
