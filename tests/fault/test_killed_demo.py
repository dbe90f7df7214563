"""The whole process killed at the worst moments, and started again: the same end state, to the cent and to the claim.

Each case is one condition: a file that was about to be sent; one sent, its receipt not noted; a check written and not
committed; facts committed and not on the log. All of them one after the other hit one practice, in the short dose one
with a third of the patients; the full dose adds moments of chance, and tries each condition on a practice of its own.
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
MOMENTS: Final = dose(0, 8)
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


def test_killed_again_and_again_ends_in_the_same_state(folder: Path, practice: Path, undisturbed: Finished) -> None:
    luck = chance("killed demo")
    for failpoint in (
        *(f"flush.committed:kill:{luck.randrange(1, 120)}" for _ in range(MOMENTS)),
        *FAILPOINTS.values(),
    ):
        killed(practice, folder / "again-and-again", failpoint)

    check(practice, folder / "again-and-again", undisturbed)


@pytest.mark.skipif(not IS_FULL, reason="a part of the full dose: in the short one a practice goes through all of them")
@pytest.mark.parametrize("what", sorted(FAILPOINTS))
def test_ends_in_the_same_state(folder: Path, practice: Path, undisturbed: Finished, what: str) -> None:
    data = folder / what.replace(" ", "-")
    killed(practice, data, FAILPOINTS[what])

    check(practice, data, undisturbed)
