"""`make up-processes`: each service as programs of its own, over a real Kafka, ends with the same money as the demo."""

from pathlib import Path
from socket import socket
from typing import Final

import pytest

from apps.embedded.settings import SERVICES, Settings
from shared.events.envelope import Actor
from tests.e2e.conftest import Demo
from tests.support.kafka import kafka_bootstrap
from tests.support.practice import SAME
from tests.support.programs import Finished, finished
from tools.processes.installed import installed
from tools.processes.programs import ProgramEnded

__all__ = ["kafka_bootstrap"]

CLERK: Final = Actor(kind="human", id="clerk-1")


@pytest.fixture(scope="module")
def ended(folder: Path, small_practice: Path, kafka_bootstrap: str) -> Finished:
    told = {"KAFKA_BOOTSTRAP": kafka_bootstrap, "CLAIMLOG_TOPIC_PREFIX": "processes"}
    words = ("--once", "--json", "--path", str(small_practice))
    return finished("tools.processes", *words, data=folder / "processes", **told)


def test_money_and_counts_are_those_of_the_demo(small: Demo, ended: Finished) -> None:
    assert ended.code == 0, ended.err
    assert ended.outcome["balanced"] is True
    assert ended.outcome["money_cents"] == small.finished.outcome["money_cents"]
    assert {name: ended.outcome[name] for name in SAME} == {name: small.finished.outcome[name] for name in SAME}


def test_says_where_each_service_answers_and_how_to_ask_it(ended: Finished) -> None:
    for name in (*SERVICES, "simulator"):
        assert f"  {name:<13}http://127.0.0.1:" in ended.err
    assert "claimlog token)" in ended.err


def test_port_that_is_taken_and_one_replica_that_restarts_are_told(folder: Path) -> None:
    with socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = finished("tools.processes", "--once", data=folder / "refused", CLAIMLOG_PORT=str(port - 1))
    alone = finished("tools.processes", "--restart", data=folder / "refused")

    assert (refused.code, alone.code) == (1, 2)
    assert f"port {port} is taken" in refused.err
    assert "--replicas 2" in alone.err


async def test_program_that_ends_by_itself_is_told_with_the_end_of_its_log(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAIMLOG_CLAIMS_TYPO", "1")
    async with installed(Settings(data=folder / "ended", port=0)) as running:
        running.start("claims api")
        with pytest.raises(ProgramEnded, match=r"(?s)claims api ended with 1; .*CLAIMLOG_CLAIMS_TYPO"):
            await running.until_ready("claims api")


async def test_api_is_ready_without_a_worker_and_its_callers_are_known(folder: Path) -> None:
    async with (
        installed(Settings(data=folder / "api", port=0)) as running,
        running.installation.clients(CLERK) as clients,
    ):
        running.start("registration api")
        await running.until_ready("registration api")
        unsigned = await clients["registration"].get("/v1/worklists", headers={"Authorization": ""})
        signed = await clients["registration"].get("/v1/worklists")

    assert (unsigned.status_code, signed.status_code) == (401, 200)
