"""A worker shows that it lives from its start on, and that it is ready only while the log answers too."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from apps.embedded.database_server import DatabaseServer
from shared.runtime.log import Log, LogUnavailable
from shared.runtime.worker_health import WorkerHealth, shown
from tests.support.databases import fresh_database
from tests.support.donating import donating
from tests.support.engines import engine_over
from tools.kafka.node import free_port

pytestmark = [
    pytest.mark.allow_hosts(["127.0.0.1"]),
    pytest.mark.parametrize("log", ["postgres"], indirect=True),
]


class Away:
    """A log that does not answer."""

    async def partitions(self, topic: str) -> int:
        """Fail. **Errors**: `LogUnavailable`."""
        raise LogUnavailable(f"nobody tells of {topic}")


@asynccontextmanager
async def asked(health: WorkerHealth) -> AsyncIterator[httpx.AsyncClient]:
    address = f"127.0.0.1:{free_port()}"
    async with shown(health, address), httpx.AsyncClient(base_url=f"http://{address}") as client:
        yield client


async def test_worker_lives_before_it_is_ready_and_is_ready_once_it_has_its_topic(
    log: Log, prefix: str, database_server: DatabaseServer
) -> None:
    url = await fresh_database(database_server)
    service = donating(topic_prefix=prefix, database_url=url)
    health = WorkerHealth(service)
    async with asked(health) as client, engine_over(service, url) as engine:
        assert (await client.get("/healthz")).json() == {"service": service.name, "status": "ok"}
        starting = await client.get("/readyz")
        health.opened(engine, log)
        without_topic = await client.get("/readyz")
        await log.ensure_topics([f"{prefix}.{service.name}"], partitions=1, replicas=1)
        ready = await client.get("/readyz")
        counted = await client.get("/metrics")

    assert (starting.status_code, starting.json()["cause"]) == (503, "starting")
    assert (without_topic.status_code, without_topic.json()["cause"]) == (503, "TopicMissing")
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    assert "claimlog_facts_relayed_total" in counted.text


async def test_worker_is_not_ready_without_the_log_or_once_a_job_stopped(
    log: Log, prefix: str, database_server: DatabaseServer
) -> None:
    url = await fresh_database(database_server)
    service = donating(topic_prefix=prefix, database_url=url)
    health = WorkerHealth(service)
    async with asked(health) as client, engine_over(service, url) as engine:
        health.opened(engine, Away())  # type: ignore[arg-type]  # all that readiness asks of a log
        away = await client.get("/readyz")
        health.opened(engine, log)
        engine.stopped["relay"] = "StoreAndTopicsDiffer"
        stopped = await client.get("/readyz")

    assert (away.status_code, away.json()["cause"]) == (503, "LogUnavailable")
    assert (stopped.status_code, stopped.json()["stopped"]) == (503, {"relay": "StoreAndTopicsDiffer"})
