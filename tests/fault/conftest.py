"""One database server and one Kafka node for the tier, and the seed, said first and last."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.embedded.database_server import DatabaseServer
from shared.runtime.telemetry import configure_logging
from tests.support.databases import fresh_database, server
from tests.support.dose import IS_FULL, SEED, dose
from tests.support.folders import spacious
from tests.support.kafka import kafka_bootstrap
from tests.support.line import Line
from tests.support.practice import PATIENTS, copied, demo
from tests.support.programs import Finished

__all__ = ["kafka_bootstrap"]

_SAID = f"faults: seed {SEED} (CLAIMLOG_SEED), {'full' if IS_FULL else 'short'} dose (CLAIMLOG_FAULTS=full for all)"


def pytest_sessionstart(session: pytest.Session) -> None:
    """Say the seed before anything can fail."""
    _say(session.config)


def pytest_terminal_summary(config: pytest.Config) -> None:
    """Say the seed once more, beside what failed."""
    _say(config)


def _say(config: pytest.Config) -> None:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        reporter.write_line(_SAID)


@pytest.fixture(scope="session", autouse=True)
def _plain_lines() -> None:
    """Log as production does: a traceback that is drawn for people stops the loop for seconds."""
    configure_logging()


@pytest.fixture(scope="session")
def database_server() -> Iterator[DatabaseServer]:
    with server() as running:
        yield running


@pytest.fixture
def folder() -> Iterator[Path]:
    """Yield a folder whose path is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="cl-") as name:
        yield Path(name)


@pytest.fixture(scope="session")
def demos() -> Iterator[Path]:
    """Yield a folder for data folders, which the database server's own user may enter."""
    with tempfile.TemporaryDirectory(prefix="claimlog-fault-", dir=spacious(), ignore_cleanup_errors=True) as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.fixture(scope="session")
def practice(demos: Path) -> Path:
    """Return the sample practice, or in the short dose a third of it."""
    return copied(demos / "practice", range(1, PATIENTS + 1, dose(3, 1)))


@pytest.fixture(scope="session")
def undisturbed(demos: Path, practice: Path) -> Finished:
    """Return a demo that nobody killed."""
    return demo(practice, demos / "undisturbed")


@pytest.fixture
async def line(database_server: DatabaseServer, folder: Path) -> Line:
    """Return a line of its own: two empty databases, and a log in a third."""
    giver, shelver, log = [await fresh_database(database_server) for _ in range(3)]
    return Line(giver=giver, shelver=shelver, log=log, folder=str(folder))


@pytest.fixture
async def joiner(database_server: DatabaseServer) -> str:
    """Return one more empty database."""
    return await fresh_database(database_server)
