"""Numbers that tie segments together whatever the set means: levels (HL) and lines (LX)."""

from shared.x12.checks.datatypes import is_number
from shared.x12.checks.finding import Tell
from shared.x12.checks.placing import Placed
from shared.x12.checks.situation import at
from shared.x12.tokens import Segment


class Levels:
    """HL01 counts on, HL02 names a level that is open, HL04 says whether levels follow below.

    **Shape**: only the path from the top to the present level is remembered. `may_end_early`: an answer that refuses a
    question repeats its levels down to the one that failed.
    """

    __slots__ = ("_count", "_may_end_early", "_path", "_places", "_tell")

    def __init__(self, tell: Tell, *, may_end_early: bool) -> None:
        self._tell, self._may_end_early = tell, may_end_early
        self._count = 0
        self._path: list[tuple[str, Placed, bool]] = []
        self._places: dict[str, int] = {}  # where in the path each name came first: a path may be as long as the file

    def take(self, placed: Placed) -> None:
        """Look at a segment if it is an HL."""
        level = placed.segment
        if level.elements[0] != "HL":
            return
        self._count += 1
        if at(level, 1) != str(self._count):
            self._tell("1-level-number", level, element="01", loop=placed.loop, detail=f"here {self._count}")
            if is_number(at(level, 1)):
                self._count = int(at(level, 1)[:9])
        parent = at(level, 2)
        above = self._places.get(parent) if parent else None
        if parent and above is None:
            self._tell("1-level-parent", level, element="02", loop=placed.loop)
        self._leave(above + 1 if above is not None else 0)
        if self._path:
            name, last, _ = self._path[-1]
            self._path[-1] = (name, last, True)
        self._places.setdefault(at(level, 1), len(self._path))
        self._path.append((at(level, 1), placed, False))

    def end(self, segment: Segment) -> None:
        """Judge the levels that are still open."""
        del segment
        self._leave(0)

    def _leave(self, keep: int) -> None:
        while len(self._path) > keep:
            name, placed, has_children = self._path.pop()
            if self._places.get(name) == len(self._path):
                del self._places[name]
            said = at(placed.segment, 4)
            is_early = self._may_end_early and said == "1"
            if said and not is_early and said != ("1" if has_children else "0"):
                detail = "1" if has_children else "0"
                self._tell("1-level-children", placed.segment, element="04", loop=placed.loop, detail=detail)


class Lines:
    """LX01 of a claim's lines counts on from 1."""

    __slots__ = ("_count", "_tell")

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._count = 0

    def take(self, placed: Placed) -> None:
        """Look at a segment if it is a claim or a line of one."""
        if placed.segment.elements[0] == "CLM":
            self._count = 0
        elif placed.segment.elements[0] == "LX":
            self._count += 1
            said = at(placed.segment, 1)
            if said != str(self._count):
                self._tell("1-line-number", placed.segment, element="01", loop="2400", detail=f"here {self._count}")
                self._count = int(said[:6]) if is_number(said) else self._count

    def end(self, segment: Segment) -> None:
        """Nothing is left to judge."""
