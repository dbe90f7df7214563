"""What `claimlog run` says while it serves."""

import pytest
from httpx import ReadTimeout

from apps.embedded import main
from apps.embedded.demo import DemoStuck
from shared.clients.problem import ProblemAnswered
from shared.kernel.errors import NotFound


@pytest.mark.parametrize(
    "error", [DemoStuck("still"), NotFound("gone"), ReadTimeout("late"), ProblemAnswered(503, "away", "try later")]
)
async def test_sample_that_does_not_come_through_is_told(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def run_demo(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(main, "run_demo", run_demo)
    await main._drive_sample(None)  # type: ignore[arg-type]  # noqa: SLF001 (a step of the program; nothing runs)

    assert f"the sample practice did not come through: {error}" in capsys.readouterr().err
