"""270, 271 and 276: who is asked about is named, and an answer answers.

**Source**: 005010X279A1 and 005010X212; AAA stands at the level where a question failed.
"""

from typing import Final

from shared.x12.checks.finding import Tell
from shared.x12.checks.placing import Placed
from shared.x12.checks.situation import at
from shared.x12.tokens import Segment

_PEOPLE: Final = frozenset({"22", "23"})


class Inquiries:
    """The rules of eligibility and status questions and of eligibility answers."""

    __slots__ = ("_code", "_has_answer", "_level", "_refused_at", "_tell")

    def __init__(self, tell: Tell, code: str) -> None:
        self._tell, self._code = tell, code
        self._level: Placed | None = None
        self._has_answer = False
        self._refused_at = ""  # HL03 of the payer or provider about whom nothing was answered

    def take(self, placed: Placed) -> None:
        """Look at a segment in its place."""
        segment = placed.segment
        match segment.elements[0]:
            case "HL":
                self._judge()
                self._level = placed
                self._has_answer = False
                if at(segment, 3) <= self._refused_at:  # another one of its kind, or of a kind above
                    self._refused_at = ""
            case "AAA":
                self._has_answer = True
                if self._level is not None and at(self._level.segment, 3) not in _PEOPLE:
                    self._refused_at = at(self._level.segment, 3)
            case "EB":
                self._has_answer = True
            case "NM1" if at(segment, 1) == "IL" and self._code in {"270", "276"}:
                if not at(segment, 3) and not at(segment, 9):
                    self._tell("4-inquiry-name", segment, element="03", loop=placed.loop)
            case _:
                pass

    def end(self, segment: Segment) -> None:
        """Judge the last level."""
        del segment
        self._judge()

    def _judge(self) -> None:
        if self._level is None or self._code != "271" or self._refused_at:
            return
        level = self._level.segment
        if at(level, 4) == "0" and at(level, 3) in _PEOPLE and not self._has_answer:
            self._tell("4-no-benefit", level, loop=self._level.loop)
