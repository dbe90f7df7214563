"""The whole process killed at the worst moments, and started again: the same end state, to the cent and to the claim.

Each case is one condition: a file that was about to be sent; one sent, its receipt not noted; a check written and not
committed; facts committed and not on the log. The short dose takes two of them, by the seed.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.dose import chance, dose
from tests.support.programs import Finished, claimlog

FAILPOINTS = {
    "a batch never sent": "effect.attempted:kill:1",
    "a batch sent and unanswered": "effect.called:kill:1",
    "a check half posted": "written.RemittancePosted:kill:2",
    "the relay behind": "relay.read:kill:40",
}
SAME = (
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
def undisturbed(folder: Path) -> Finished:
    return claimlog("demo", "--json", data=folder / "undisturbed")


@pytest.mark.parametrize("what", dose(chance("killed demo").sample(sorted(FAILPOINTS), 2), sorted(FAILPOINTS)))
def test_ends_in_the_same_state(folder: Path, undisturbed: Finished, what: str) -> None:
    failpoint = FAILPOINTS[what]
    data = folder / failpoint.replace(":", "-")
    killed = claimlog("demo", "--json", data=data, CLAIMLOG_FAILPOINT=failpoint)
    again = claimlog("demo", "--json", data=data)
    verified = claimlog("verify", "--json", data=data)

    assert killed.code not in {0, 1}, "the failpoint was never passed"
    assert again.code == 0, again.err
    assert again.outcome["balanced"] is True
    assert {name: again.outcome[name] for name in SAME} == {name: undisturbed.outcome[name] for name in SAME}
    assert again.outcome["money_cents"] == undisturbed.outcome["money_cents"]
    assert verified.code == 0, verified.out
