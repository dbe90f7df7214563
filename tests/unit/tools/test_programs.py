"""The list of what runs, by which the next run ends what a killed one left."""

from dataclasses import dataclass
from itertools import count
from pathlib import Path

from tools.processes.programs import Programs

WORKERS = ("coding worker", "claims worker", "payments worker")


@dataclass
class Started:
    """A program that runs until it is told to end."""

    pid: int
    code: int | None = None

    def poll(self) -> int | None:
        """Return how it ended."""
        return self.code

    def wait(self, timeout: float | None = None) -> int:
        """Return how it ended."""
        del timeout
        return self.code or 0

    def terminate(self) -> None:
        """End in order."""
        self.code = 0

    def kill(self) -> None:
        """End at once."""
        self.code = -9


def test_the_list_has_what_runs_and_nothing_that_was_ended(tmp_path: Path) -> None:
    numbers = count(1)
    (tmp_path / "log").mkdir()
    programs = Programs(
        data=tmp_path,
        told={},
        ports=dict.fromkeys(WORKERS, 0),
        end_seconds=1,
        launch=lambda *_: Started(pid=next(numbers)),
    )

    def listed() -> int:
        return len((tmp_path / "log" / "running").read_text().split())

    for name in WORKERS:
        programs.start(name)
    seen = [listed()]
    programs.kill(WORKERS[0])
    seen.append(listed())
    programs.ask_to_end(WORKERS[1])
    seen.append(listed())
    programs.end_all()

    assert [*seen, listed()] == [3, 2, 1, 0]
