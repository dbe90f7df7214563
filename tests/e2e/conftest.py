"""The sample practice driven once through everything; the tests look at what it left."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.programs import Finished, claimlog


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo that ran. **Shape**: `data` holds its databases and exchange folder."""

    data: Path
    finished: Finished


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """Yield a folder that the database server's own user may enter."""
    with tempfile.TemporaryDirectory(prefix="claimlog-e2e-", ignore_cleanup_errors=True) as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.fixture(scope="session")
def demo(folder: Path) -> Demo:
    data = folder / "demo"
    return Demo(data, claimlog("demo", "--json", data=data))
