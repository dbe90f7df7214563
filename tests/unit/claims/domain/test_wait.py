"""The mark between two portions of those who waited for one fact."""

from datetime import UTC, datetime

import pytest

from services.claims.domain.wait import WAITS, ResumeWaiting, WaitingResumed

NOW = datetime(2026, 3, 21, 15, tzinfo=UTC)


@pytest.mark.parametrize("after", [None, "E-7"], ids=["nobody yet", "somebody"])
def test_marks_who_went_on_last(after: str | None) -> None:
    resume = ResumeWaiting(thing="price/99213", after_encounter_id=after, now=NOW)
    before = WaitingResumed(thing="price/99213", after_encounter_id="E-1", resumed_at=NOW)

    facts = WAITS.outcome(given=[before], when=resume)

    assert facts == (WaitingResumed(thing="price/99213", after_encounter_id=after, resumed_at=NOW),)
    assert WAITS.stream(resume) == "waiting-price/99213"
