"""One database server and one Kafka node for all integration tests; each test takes a database or topics of its own."""

from collections.abc import Iterator

import pytest

from apps.embedded.database_server import DatabaseServer
from tests.support.databases import server
from tests.support.kafka import kafka_bootstrap
from tests.support.questions import asked

__all__ = ["asked", "database_server", "kafka_bootstrap"]


@pytest.fixture(scope="session")
def database_server() -> Iterator[DatabaseServer]:
    with server() as running:
        yield running
