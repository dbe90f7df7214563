"""A real Kafka node for tests, started once a session on a free port, where this machine can run one."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.folders import spacious
from tools.kafka.node import free_port, missing_tools, running


def refuse_without_kafka() -> None:
    """Skip where Kafka cannot run, unless CLAIMLOG_REQUIRE_KAFKA=1 says that it must."""
    missing = missing_tools()
    if missing:
        said = f"no Kafka here, because {' and '.join(missing)} is missing: the suite runs on the PostgreSQL log only"
        if os.environ.get("CLAIMLOG_REQUIRE_KAFKA") == "1":  # noqa: TID251 (a switch of the test run itself)
            pytest.fail(said)
        pytest.skip(said)


@pytest.fixture(scope="session")
def kafka_bootstrap() -> Iterator[str]:
    """Yield the node's address, where one can run."""
    refuse_without_kafka()
    with tempfile.TemporaryDirectory(prefix="claimlog-kafka-", dir=spacious(), ignore_cleanup_errors=True) as folder:  # noqa: SIM117
        with running(Path(folder), free_port()) as node:
            yield node.bootstrap
            node.process.kill()  # its folder goes too: nothing has to be put in order
