"""The mark between two turns, as given, when, then."""

from services.validation.domain.backlog import BACKLOGS, BacklogLeft, LeaveBacklog
from tests.unit.validation.samples import NOW

LEFT = BacklogLeft(thing="payer/PY-1", after="EN-40", left_at=NOW)


def test_marks_where_a_turn_ended() -> None:
    assert BACKLOGS.outcome(given=(), when=LeaveBacklog(thing="payer/PY-1", after="EN-40", now=NOW)) == (LEFT,)


def test_adds_nothing_for_a_repeat() -> None:
    assert BACKLOGS.outcome(given=[LEFT], when=LeaveBacklog(thing="payer/PY-1", after="EN-40", now=NOW)) == ()


def test_has_one_history_for_each_thing() -> None:
    assert BACKLOGS.stream(LeaveBacklog(thing="payer/PY-1", after="EN-40", now=NOW)) == "backlog-payer/PY-1"
