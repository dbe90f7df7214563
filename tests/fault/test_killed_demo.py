"""The whole process killed at the worst moments, and started again: the same end state, to the cent and to the claim.

Each case is one condition: a file that was about to be sent; one sent, its receipt not noted; a check written and not
committed; facts committed and not on the log. All of them one after the other hit one practice, in the short dose one
with a third of the patients; the full dose also tries each on a practice of its own, and moments of chance on another.
"""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.support.dose import IS_FULL, chance, dose
from tests.support.programs import REPOSITORY, Finished, claimlog

FAILPOINTS: Final = {
    "the relay behind": "relay.read:kill:40",
    "a batch never sent": "effect.attempted:kill:1",
    "a batch sent and unanswered": "effect.called:kill:1",
    "a check half posted": "written.RemittancePosted:kill:2",
}
IN_TURN: Final = {**FAILPOINTS, "the relay behind": "relay.read:kill:5"}
"""Each while enough is left for the next: before the first batch, at the first ones, at the first checks."""
MOMENTS: Final = 8
ONE_OF: Final = dose(3, 1)
"""Of so many patients one comes; the first does, whose children are insured with her."""
SAME: Final = (
    "encounters",
    "coded",
    "coder_queue",
    "validated",
    "held",
    "submitted",
    "rejected",
    "accepted",
    "paid",
    "denied",
    "self_pay",
)


ALONE: Final = pytest.mark.skipif(not IS_FULL, reason="a part of the full dose: the short one kills in turn")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="claimlog-fault-", ignore_cleanup_errors=True) as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.fixture(scope="module")
def practice(folder: Path) -> Path:
    """Return a folder with the sample practice, or with the patients of it that come."""
    made = folder / "practice"
    made.mkdir()
    for file in (REPOSITORY / "samples" / "practice").iterdir():
        made.joinpath(file.name).write_text("".join(filter(comes, file.read_text().splitlines(keepends=True))))
    return made


def comes(line: str) -> bool:
    """Return whether a resource is nobody's, or that of a patient who comes."""
    resource = json.loads(line)
    whose = next(
        (resource[name]["reference"] for name in ("subject", "beneficiary", "patient") if name in resource), ""
    )
    patient = resource["id"] if resource["resourceType"] == "Patient" else whose
    return not patient or int(patient.rpartition("-")[2]) % ONE_OF == 1 % ONE_OF


@pytest.fixture(scope="module")
def undisturbed(folder: Path, practice: Path) -> Finished:
    return demo(practice, folder / "undisturbed")


def demo(practice: Path, data: Path, failpoint: str = "") -> Finished:
    return claimlog("demo", "--json", "--path", str(practice), data=data, CLAIMLOG_FAILPOINT=failpoint)


def killed(practice: Path, data: Path, failpoint: str) -> None:
    """Run the demo until it is killed."""
    assert demo(practice, data, failpoint).code not in {0, 1}, f"{failpoint} was never passed"


def check(practice: Path, data: Path, undisturbed: Finished) -> None:
    """Run the demo to its end; then nobody sees that it was ever killed."""
    again = demo(practice, data)
    verified = claimlog("verify", "--json", data=data)

    assert again.code == 0, again.err
    assert again.outcome["balanced"] is True
    assert {name: again.outcome[name] for name in SAME} == {name: undisturbed.outcome[name] for name in SAME}
    assert again.outcome["money_cents"] == undisturbed.outcome["money_cents"]
    assert verified.code == 0, verified.out


def test_killed_in_each_way_in_turn_ends_in_the_same_state(folder: Path, practice: Path, undisturbed: Finished) -> None:
    for failpoint in IN_TURN.values():
        killed(practice, folder / "in-turn", failpoint)

    check(practice, folder / "in-turn", undisturbed)


@ALONE
def test_killed_at_any_moment_ends_in_the_same_state(folder: Path, practice: Path, undisturbed: Finished) -> None:
    luck = chance("killed demo")
    for _ in range(MOMENTS):
        killed(practice, folder / "any-moment", f"flush.committed:kill:{luck.randrange(1, 60)}")

    check(practice, folder / "any-moment", undisturbed)


@ALONE
@pytest.mark.parametrize("what", sorted(FAILPOINTS))
def test_ends_in_the_same_state(folder: Path, practice: Path, undisturbed: Finished, what: str) -> None:
    data = folder / what.replace(" ", "-")
    killed(practice, data, FAILPOINTS[what])

    check(practice, data, undisturbed)
