"""What findings come to together, and how they are told."""

import pytest

from shared.runtime.verify.finding import About, Finding, Verified

ABOUT = About(name="chain", about="Whole.")


def verified(*findings: Finding, seconds: float = 2.0) -> Verified:
    return Verified(service="lending", position=1_000, seconds=seconds, invariants=findings)


@pytest.mark.parametrize(
    ("findings", "holds"),
    [
        ([ABOUT.found(None, checked=1)], True),
        ([ABOUT.found(None, checked=1), ABOUT.unchecked("away")], None),
        ([ABOUT.unchecked("away"), ABOUT.found("position 7", checked=1), ABOUT.found(None, checked=1)], False),
        ([], True),
    ],
)
def test_one_that_is_broken_outweighs_one_that_nobody_knows(findings: list[Finding], *, holds: bool | None) -> None:
    assert verified(*findings).holds is holds


def test_is_told_as_a_program_reads_it() -> None:
    told = verified(ABOUT.found("position 7", checked=9, left_out=1, note="one was left out")).as_fields()

    assert told == {
        "service": "lending",
        "position": 1_000,
        "seconds": 2.0,
        "events_per_second": 500,
        "invariants": [
            {
                "name": "chain",
                "about": "Whole.",
                "holds": False,
                "checked": 9,
                "left_out": 1,
                "counter_example": "position 7",
                "note": "one was left out",
            }
        ],
    }


def test_rate_of_no_time_is_none() -> None:
    assert verified(seconds=0).as_fields()["events_per_second"] == 0
