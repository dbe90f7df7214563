"""The whole process killed at the worst moments, and started again: the same end state, to the cent and to the claim.

Each case is one condition: a file that was about to be sent; one sent, its receipt not noted; a check written and not
committed; facts committed and not on the log. All of them one after the other hit one practice, in the short dose one
with a third of the patients; the full dose also tries each on a practice of its own, and moments of chance on another.
"""

from pathlib import Path
from typing import Final

import pytest

from tests.support.dose import IS_FULL, chance
from tests.support.practice import check, demo
from tests.support.processes import KILLED
from tests.support.programs import Finished

FAILPOINTS: Final = {
    "the relay behind": "relay.read:kill:40",
    "a batch never sent": "effect.attempted:kill:1",
    "a batch sent and unanswered": "effect.called:kill:1",
    "a check half posted": "written.RemittancePosted:kill:2",
}
IN_TURN: Final = {**FAILPOINTS, "the relay behind": "relay.read:kill:5"}
"""Each while enough is left for the next: before the first batch, at the first ones, at the first checks."""
MOMENTS: Final = 8
ALONE: Final = pytest.mark.skipif(not IS_FULL, reason="a part of the full dose: the short one kills in turn")


def killed(practice: Path, data: Path, failpoint: str) -> None:
    """Run the demo until it is killed."""
    assert demo(practice, data, failpoint).code == KILLED, f"{failpoint} was never passed"


def test_killed_in_each_way_in_turn_ends_in_the_same_state(demos: Path, practice: Path, undisturbed: Finished) -> None:
    for failpoint in IN_TURN.values():
        killed(practice, demos / "in-turn", failpoint)

    check(practice, demos / "in-turn", undisturbed)


@ALONE
def test_killed_at_any_moment_ends_in_the_same_state(demos: Path, practice: Path, undisturbed: Finished) -> None:
    luck = chance("killed demo")
    for _ in range(MOMENTS):
        killed(practice, demos / "any-moment", f"flush.committed:kill:{luck.randrange(1, 60)}")

    check(practice, demos / "any-moment", undisturbed)


@ALONE
@pytest.mark.parametrize("what", sorted(FAILPOINTS))
def test_ends_in_the_same_state(demos: Path, practice: Path, undisturbed: Finished, what: str) -> None:
    data = demos / what.replace(" ", "-")
    killed(practice, data, FAILPOINTS[what])

    check(practice, data, undisturbed)
