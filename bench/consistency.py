"""How long a read waits for what its caller wrote in another service a moment ago.

`python -m bench.consistency --pairs 1000`. A payer is added in registration, and claims are asked for with the token of
that, one pair after the other while nothing else runs. Five processes, and the API of claims that is asked is a replica
without a worker, so that it does not hear of what the consumer takes. What a pair waits is the time of its read less
the median of the same read without a token. **Units**: ms.
"""

import argparse
import asyncio
from datetime import timedelta
from statistics import median, quantiles
from time import perf_counter
from typing import Final

import httpx

from apps.embedded.settings import ISSUER, TENANT
from bench.append import NotVerified
from bench.deployment import Deployment, api_beside, deployed
from bench.figures import Figure, reported
from bench.machine import database_server, folder
from shared.clients.consistency import Session
from shared.events.envelope import Actor
from shared.runtime.clock import now
from shared.runtime.scopes import ALL_SCOPES
from shared.runtime.tokens import DevelopmentIssuer

_ACTOR: Final = Actor(kind="service", id="bench")
_WARM_UP: Final = 20
_READ: Final = "/v1/claims?page_size=1"
_PAYER: Final = {"filing_limit_days": 90}


async def _milliseconds(client: httpx.AsyncClient) -> float:
    begun = perf_counter()
    answer = await client.get(_READ)
    if answer.status_code != httpx.codes.OK or "consistency" in answer.headers:
        raise NotVerified(f"a read was answered {answer.status_code} {answer.headers.get('consistency', '')}")
    return (perf_counter() - begun) * 1_000


async def _pairs(deployment: Deployment, port: int, pairs: int) -> tuple[list[float], list[float]]:
    """Return what reads took, without and with a token."""
    issuer = DevelopmentIssuer.from_folder(deployment.data / "keys", ISSUER)
    token = issuer.token(tenant_id=TENANT, actor=_ACTOR, scopes=ALL_SCOPES, now=now(), lifetime=timedelta(hours=1))
    headers = {"Authorization": f"Bearer {token}"}
    session = Session()
    home, _ = deployment.addresses["registration"]
    bare, waited = [], []
    async with (
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{home}", headers=headers) as registration,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as claims,
    ):
        for number in range(_WARM_UP + pairs):
            claims.event_hooks = {}
            bare.append(await _milliseconds(claims))
            session.forget()
            registration.event_hooks = claims.event_hooks = dict(session.hooks)
            added = await registration.post(
                "/v1/payers", json=_PAYER | {"payer_name": f"Payer {number}", "clearinghouse_payer_id": f"B{number}"}
            )
            if added.status_code != httpx.codes.CREATED or not session.token:
                raise NotVerified(f"a payer was answered {added.status_code}, token: {session.token}")
            waited.append(await _milliseconds(claims))
    return bare[_WARM_UP:], waited[_WARM_UP:]


def measure(pairs: int = 1_000) -> dict[str, Figure]:
    """Return the figures. **Errors**: `NotVerified`, `NotStarted`."""
    with (
        folder() as data,
        database_server() as server,
        deployed("five_processes", data, server, "") as deployment,
        api_beside(deployment, "claims") as (_, port),
    ):
        bare, waited = asyncio.run(_pairs(deployment, port, pairs))
    usual = median(bare)
    added = [max(each - usual, 0.0) for each in waited]
    return {
        "consistency_p50": _figure(median(added), usual),
        "consistency_p99": _figure(quantiles(added, n=100)[98], usual),
    }


def _figure(value: float, usual: float) -> Figure:
    return Figure(value=value, unit="ms", baseline=usual, beside="the same read without a token, p50")


def main() -> None:
    """Measure, check, write, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=1_000, help="of a write and a read")
    reported("Consistency", measure(parser.parse_args().pairs))


if __name__ == "__main__":
    main()
