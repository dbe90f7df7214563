"""What a page of the console takes at the server, with a hundred thousand claims in the stores.

`python -m bench.console --claims 100000` (half an hour). Every claim comes of an encounter that went the whole way: a
page opens names, and no copy of a sealed block can be opened. Then one console asks five processes for its pages over
their HTTP APIs, one page at a time, as one person does. Beside each page stands a bare read of one claim over HTTP, in
the same run. **Units**: ms at the 95th percentile; kB of HTML.
"""

import argparse
import asyncio
import re
from collections.abc import Mapping, Sequence
from statistics import quantiles
from time import perf_counter
from typing import Any, Final

import httpx
import uvloop

from apps.console.main import console
from apps.console.settings import Settings
from apps.console.sign_in import DevelopmentSignIn
from apps.embedded.settings import ISSUER, TENANT
from bench.append import NotVerified
from bench.deployment import Deployment, deployed
from bench.figures import Figure, reported
from bench.lifecycle import Options, running
from bench.machine import Kafka, database_server, folder, kafka
from bench.practice import Practice
from bench.stores import fetch_value
from services.claims.projections.claims import CLAIM_ROWS
from shared.runtime.clock import now
from shared.runtime.store import table_name

_SEED: Final = 7
_PAGES: Final = 60
_WARM_UP: Final = 5
_OURS: Final = {"Sec-Fetch-Site": "same-origin"}
_CLAIMS_OF_AN_ENCOUNTER: Final = 0.7
"""Less than what the practice's mix comes to, so that there are claims enough."""


class Reader:
    """A person at the console, without a browser."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def sign_in(self) -> None:
        """Begin a session as somebody who may see every page."""
        await self._http.post("/sign-in", data={"account": "bench", "role": "manager"})

    async def asked(self, paths: Sequence[str]) -> tuple[list[float], int]:
        """Return what pages took in ms, and the size of the largest. **Errors**: `NotVerified`."""
        taken, largest = [], 0
        for path in paths:
            begun = perf_counter()
            answer = await self._http.get(path)
            taken.append((perf_counter() - begun) * 1_000)
            if answer.status_code != httpx.codes.OK or 'class="note bad"' in answer.text:
                what = path.split("/")[1] or "home"
                raise NotVerified(f"{what} was answered {answer.status_code}, or a service did not answer it")
            largest = max(largest, len(answer.content))
        return taken[_WARM_UP:], largest

    async def searched(self, numbers: Sequence[str]) -> list[float]:
        """Return what finding a claim by its number took, without opening it. **Errors**: `NotVerified`."""
        page = (await self._http.get("/search")).text
        found = re.search(r'name="form_token" value="([^"]+)"', page)
        taken = []
        for number in numbers:
            begun = perf_counter()
            answer = await self._http.post("/search", data={"text": number, "form_token": found[1] if found else ""})
            taken.append((perf_counter() - begun) * 1_000)
            if answer.status_code != httpx.codes.SEE_OTHER:
                raise NotVerified("a claim was not found by its number")
        return taken[_WARM_UP:]


async def _pages(deployment: Deployment) -> Mapping[str, Figure]:
    urls = {
        f"{name}_url": f"http://127.0.0.1:{port}{prefix}"
        for name, (port, prefix) in deployment.addresses.items()
        if name != "simulator"
    }
    settings = Settings.model_validate({**urls, "issuer_file": deployment.data / "keys" / "issuer.json"})
    app = console(settings, DevelopmentSignIn(settings.issuer_file, ISSUER, TENANT, environment="development"))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="https://console.test", headers=_OURS) as http:
        reader = Reader(http)
        await reader.sign_in()
        rows = await _some(deployment, "claims", "claims")
        checks = await _some(deployment, "payments", "remittances")
        pages: dict[str, list[str]] = {
            "home": ["/"] * _PAGES,
            "worklist": ["/work/claims/rejected-claims", "/work/payments/denials"] * (_PAGES // 2),
            "claim": [f"/claim/{row['claim_id']}" for row in rows],
            "patient": [f"/patient/{row['patient_id']}" for row in rows],
            "coding": [f"/encounter/{row['encounter_id']}" for row in rows],
            "remittance": [f"/remittance/{row['remittance_id']}" for row in checks],
            "remittances": ["/remittances"] * _PAGES,
        }
        bare = await _bare(deployment, [row["claim_id"] for row in rows])
        figures: dict[str, Figure] = {}
        largest = 0
        for name, paths in pages.items():
            taken, size = await reader.asked(paths)
            largest = max(largest, size)
            figures[f"console_{name}"] = _figure(taken, bare)
        numbers = [row["patient_control_number"] for row in rows if row["patient_control_number"]]
        figures["console_search"] = _figure(await reader.searched(numbers), bare)
        figures["console_page"] = Figure(value=largest / 1_000, unit="kB")
        return figures


async def _some(deployment: Deployment, service: str, path: str) -> list[Mapping[str, Any]]:
    async with _client(deployment, service) as http:
        answer = await http.get(f"/v1/{path}", params={"page_size": _PAGES})
        found: list[Mapping[str, Any]] = answer.raise_for_status().json()["items"]
        return found


async def _bare(deployment: Deployment, claim_ids: Sequence[str]) -> list[float]:
    """Return what one claim takes over HTTP, without a page around it."""
    taken = []
    async with _client(deployment, "claims") as http:
        for claim_id in claim_ids:
            begun = perf_counter()
            (await http.get(f"/v1/claims/{claim_id}")).raise_for_status()
            taken.append((perf_counter() - begun) * 1_000)
    return taken[_WARM_UP:]


def _client(deployment: Deployment, service: str) -> httpx.AsyncClient:
    port, prefix = deployment.addresses[service]
    signed = DevelopmentSignIn(deployment.data / "keys" / "issuer.json", ISSUER, TENANT, environment="development")
    person = signed.admit({"account": "bench", "role": "manager"}, now())
    headers = {"Authorization": f"Bearer {person.token}"}
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}{prefix}", headers=headers, timeout=60)


def _figure(taken: Sequence[float], bare: Sequence[float]) -> Figure:
    return Figure(value=_p95(taken), unit="ms at p95", baseline=_p95(bare), beside="one claim over HTTP")


def _p95(taken: Sequence[float]) -> float:
    return quantiles(taken, n=20)[-1]


async def _filled_and_asked(
    options: Options, claims: int, deployment: Deployment, log: Kafka, practice: Practice
) -> Mapping[str, Figure]:
    async with running(options, deployment, log, practice, {}) as run:
        await run.prepare()
        await run.through()
    count = f"select count(*) from {table_name(CLAIM_ROWS)}"  # noqa: S608 (a name of ours)
    stored = await fetch_value(deployment.server, "claimlog_claims", count)
    if stored < claims:
        raise NotVerified(f"{stored} claims are stored, not {claims}")
    return await _pages(deployment)


def measure(claims: int = 100_000) -> dict[str, Figure]:
    """Return the figures. **Errors**: `NotVerified`, `KafkaNotStarted`."""
    options = Options(encounters=int(claims / _CLAIMS_OF_AN_ENCOUNTER), seed=_SEED, seconds=0, chain=False)
    practice = asyncio.run(Practice.read(_SEED))
    with (
        folder() as data,
        database_server() as server,
        kafka() as log,
        deployed("five_processes", data, server, log.bootstrap) as deployment,
    ):
        return dict(uvloop.run(_filled_and_asked(options, claims, deployment, log, practice)))


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=100_000)
    reported("Console", measure(parser.parse_args().claims))


if __name__ == "__main__":
    main()
