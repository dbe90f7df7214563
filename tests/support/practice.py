"""The sample practice as a demo drives it to its end, and what must be the same whatever was killed on the way."""

import json
from collections.abc import Container
from pathlib import Path
from typing import Final

from tests.support.programs import REPOSITORY, Finished, claimlog, embedded

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

PATIENTS: Final = 60
"""How many the practice has, from 1 on."""


def copied(made: Path, patients: Container[int]) -> Path:
    """Return a folder with the part of the practice that belongs to some patients, by number, or to nobody.

    **Shape**: the children of the first one, 58 and 59, are insured with her.
    """

    def comes(line: str) -> bool:
        resource = json.loads(line)
        whose = next(
            (resource[name]["reference"] for name in ("subject", "beneficiary", "patient") if name in resource), ""
        )
        patient = resource["id"] if resource["resourceType"] == "Patient" else whose
        return not patient or int(patient.rpartition("-")[2]) in patients

    made.mkdir()
    for file in (REPOSITORY / "samples" / "practice").iterdir():
        made.joinpath(file.name).write_text("".join(filter(comes, file.read_text().splitlines(keepends=True))))
    return made


def demo(practice: Path, data: Path, failpoint: str = "") -> Finished:
    """Run the demo to its end, or until it is killed."""
    return embedded("demo", "--json", "--path", str(practice), data=data, CLAIMLOG_FAILPOINT=failpoint)


def check(practice: Path, data: Path, undisturbed: Finished) -> None:
    """Run the demo to its end; then nobody sees that anything was ever killed."""
    again = demo(practice, data)
    verified = claimlog("verify", "--json", data=data)

    assert again.code == 0, again.err
    assert again.outcome["balanced"] is True
    assert {name: again.outcome[name] for name in SAME} == {name: undisturbed.outcome[name] for name in SAME}
    assert again.outcome["money_cents"] == undisturbed.outcome["money_cents"]
    assert verified.code == 0, verified.out
