"""TA1, 999, 277CA and 277: whether a verdict fits its reasons and counts, and says what it is about."""

from typing import Final

from shared.x12.checks.datatypes import is_number
from shared.x12.checks.finding import Tell
from shared.x12.checks.placing import Placed
from shared.x12.checks.situation import amount_at, at
from shared.x12.tokens import Segment

_ACCEPTED: Final = frozenset({"A", "E"})
_REJECTED: Final = frozenset({"R", "M", "W", "X"})
_COUNTS_OTHERWISE: Final = "5"  # AK905: GE01 is not how many sets came
_DIGITS_MAX: Final = 9
_NO_FAULT: Final = "000"
_REJECTING: Final = frozenset({"A3", "A6", "A7", "A8"})
_TA1_NOTES: Final = frozenset(f"{number:03d}" for number in range(32))


def interchange_answer(ta1: Segment, tell: Tell) -> None:
    """Tell what is wrong with a TA1. **Source**: X12.5; TA104, TA105."""
    verdict, note = at(ta1, 4), at(ta1, 5)
    for element in (1, 2, 3, 4, 5):
        if not at(ta1, element):
            tell("2-element-missing", ta1, element=f"{element:02d}")
    if verdict and verdict not in {"A", "E", "R"}:
        tell("2-code", ta1, element="04", detail="one of A, E, R")
    if note and note not in _TA1_NOTES:
        tell("2-code", ta1, element="05", detail="000 to 031")
    if (verdict == "A" and note != _NO_FAULT) or (verdict in {"E", "R"} and note == _NO_FAULT):
        tell("4-verdict", ta1, element="05")


class Acknowledgements:
    """The rules of a 999: AK9 counts what the AK2 loops say, a rejection has a reason."""

    __slots__ = ("_accepted", "_sets", "_tell")

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._sets = self._accepted = 0

    def take(self, placed: Placed) -> None:
        """Look at a segment in its place."""
        segment = placed.segment
        match segment.elements[0]:
            case "AK2":
                self._sets += 1
            case "IK5":
                verdict = at(segment, 1)
                self._accepted += verdict in _ACCEPTED
                if verdict == "A" and at(segment, 2):
                    self._tell("4-verdict", segment, element="02", loop=placed.loop)
                elif verdict in _REJECTED and not at(segment, 2):
                    self._tell("4-rejection-reason", segment, element="02", loop=placed.loop)
            case "AK9":
                self._judge(segment, placed.loop)
            case _:
                pass

    def end(self, segment: Segment) -> None:
        """Nothing is left to judge."""

    def _judge(self, group: Segment, loop: str) -> None:
        included, received, accepted = (_count(at(group, element)) for element in (2, 3, 4))
        is_told = any(at(group, element) == _COUNTS_OTHERWISE for element in range(5, 10))
        if included != received and None not in {included, received} and not is_told:
            self._tell("3-counts", group, element="02", loop=loop, detail=f"{received} were received")
        if not self._sets:  # a receiver need not list the sets of a group that it accepts or rejects whole
            return
        if received is not None and received < self._sets:
            self._tell("3-counts", group, element="03", loop=loop, detail=f"there are {self._sets}")
        is_whole = received == self._sets
        if accepted is not None and (accepted < self._accepted or (is_whole and accepted != self._accepted)):
            self._tell("3-counts", group, element="04", loop=loop, detail=f"there are {self._accepted}")
        is_partly = 0 < self._accepted < self._sets
        whole = {"A", "E"} if self._accepted == self._sets else {"P"} if is_partly else _REJECTED
        verdict = at(group, 1)
        if is_whole and verdict in _ACCEPTED | _REJECTED | {"P"} and verdict not in whole:
            self._tell("4-verdict", group, element="01", loop=loop)


def _count(text: str) -> int | None:
    return int(text[:_DIGITS_MAX]) if is_number(text) else None


class StatusReports:
    """The rules of a 277CA and a 277: what is answered is named, a rejection has a status, lines fit the claim."""

    __slots__ = ("_component", "_has_trace", "_is_acknowledgement", "_level", "_tell")

    def __init__(self, tell: Tell, component: str, *, is_acknowledgement: bool) -> None:
        self._tell, self._component, self._is_acknowledgement = tell, component, is_acknowledgement
        self._level: Placed | None = None
        self._has_trace = False

    def take(self, placed: Placed) -> None:
        """Look at a segment in its place."""
        segment = placed.segment
        match segment.elements[0]:
            case "HL":
                self._judge()
                self._level = placed if at(segment, 3) in {"PT", "22", "23"} and at(segment, 4) != "1" else None
                self._has_trace = False
            case "TRN":
                self._has_trace = True
            case "STC":
                self._status(placed, segment)
            case _:
                pass

    def end(self, segment: Segment) -> None:
        """Judge the last level."""
        del segment
        self._judge()

    def _judge(self) -> None:
        if self._level is not None and not self._has_trace:
            self._tell("4-trace", self._level.segment, loop=self._level.loop)

    def _status(self, placed: Placed, status: Segment) -> None:
        parts = at(status, 1).split(self._component)
        if self._is_acknowledgement and parts[0] in _REJECTING and len(parts) > 1 and not parts[1]:
            self._tell("4-rejection-reason", status, element="01-2", loop=placed.loop)
        verdict = at(status, 3)
        is_rejected = parts[0] in _REJECTING
        if self._is_acknowledgement and (
            (verdict == "WQ" and is_rejected) or (verdict == "U" and parts[0] in {"A0", "A1", "A2"})
        ):
            self._tell("4-status-action", status, element="03", loop=placed.loop)
        for element in (4, 5):
            if amount_at(status, element) < 0:
                self._tell("4-negative", status, element=f"{element:02d}", loop=placed.loop)
