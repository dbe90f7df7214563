"""Each service as a program of its own: an API that is ready without the log, and a worker that publishes."""

from pathlib import Path

import stamina

from apps.embedded.settings import SERVICES
from shared.runtime.log import partition_of
from shared.runtime.log_postgres import PostgresLog
from tests.support.separate import separate, until_ready

PATIENT = {
    "mrn": "MRN-1",
    "name": {"family": "Sample", "given": "Ada"},
    "birth_on": "1970-05-15",
    "sex": "female",
    "address": {"line": "1 Elm St", "city": "Tampa", "state": "FL", "zip": "336020001"},
}


async def test_five_apis_and_a_worker(folder: Path) -> None:
    async with separate(folder / "separate") as programs, programs.clients() as clients:
        for name in SERVICES:
            programs.start(f"{name} api")
        programs.start("registration worker")
        for name in SERVICES:
            await until_ready(clients[name])
            unsigned = await clients[name].get("/v1/worklists", headers={"Authorization": ""})
            assert unsigned.status_code == 401

        registered = await clients["registration"].post("/v1/patients", json=PATIENT)
        assert registered.status_code == 201, registered.text
        await published(programs.databases["claimlog_log"], registered.json()["patient_id"])


async def published(log_url: str, patient_id: str) -> None:
    place = ("claimlog.registration", partition_of(patient_id, 4))
    async with PostgresLog.open(log_url) as log:
        async for attempt in stamina.retry_context(on=AssertionError, timeout=20, wait_initial=0.1, attempts=None):
            with attempt:
                last = await log.last(place)
                assert last is not None
                assert last.key.decode() == patient_id
                assert b"Sample" not in last.value
