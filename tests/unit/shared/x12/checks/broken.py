"""Files to break: a valid one as a list of segments, what may be done to it, and what a check must find afterwards."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from shared.x12.checks import Finding, check

ISA: Final = "ISA*00*          *00*          *ZZ*SENDER01       *ZZ*RECEIVER01     *260101*1200*^*00501*000000001*0*T*:"


@dataclass(slots=True)
class Broken:
    """A file that is being broken. **Shape**: `lines` are segments without terminators; SE01 is counted anew."""

    lines: list[str]
    counts: bool = field(default=True)

    def find(self, start: str, nth: int = 1) -> int:
        """Return the position of the nth segment that begins so."""
        return [at for at, line in enumerate(self.lines) if line.startswith(start)][nth - 1]

    def element(self, start: str, element: int, value: str, nth: int = 1) -> None:
        """Give an element another value; elements that are not there yet are added."""
        at = self.find(start, nth)
        elements = self.lines[at].split("*")
        elements += [""] * (element + 1 - len(elements))
        elements[element] = value
        self.lines[at] = "*".join(elements)

    def component(self, start: str, element: int, component: int, value: str, nth: int = 1) -> None:
        """Give a component another value."""
        parts = self.lines[self.find(start, nth)].split("*")[element].split(":")
        parts += [""] * (component - len(parts))
        parts[component - 1] = value
        self.element(start, element, ":".join(parts), nth)

    def drop(self, start: str, nth: int = 1, count: int = 1) -> None:
        """Leave segments out."""
        at = self.find(start, nth)
        del self.lines[at : at + count]

    def after(self, start: str, *lines: str, nth: int = 1) -> None:
        """Add segments behind one."""
        at = self.find(start, nth) + 1
        self.lines[at:at] = lines

    def before(self, start: str, *lines: str, nth: int = 1) -> None:
        """Add segments before one."""
        at = self.find(start, nth)
        self.lines[at:at] = lines

    def move(self, start: str, behind: str) -> None:
        """Put a segment behind another one."""
        line = self.lines.pop(self.find(start))
        self.after(behind, line)

    def content(self) -> bytes:
        """Return the file."""
        lines = recounted(self.lines) if self.counts else self.lines
        return ("~".join(lines) + "~").encode()


class Mutation(NamedTuple):
    """One way to break a file, and what must be found where. **Shape**: `at` begins the segment, the nth such one."""

    base: tuple[str, ...]
    change: Callable[[Broken], None]
    rule: str
    at: str
    nth: int
    element: str | None

    def found(self) -> tuple[list[Finding], int]:
        """Return what is found in the broken file, and the number of the segment where something must be."""
        broken = Broken(list(self.base))
        self.change(broken)
        place = broken.find(self.at, self.nth) + 1
        return list(check(broken.content())), place


Keep = Callable[[Callable[[Broken], None]], Callable[[Broken], None]]
Register = Callable[..., Keep]


def register(mutations: list[Mutation], base: tuple[str, ...]) -> Register:
    """Return a decorator that takes what must be found: `@finds("3-charge", "CLM*", element="02")`."""

    def finds(
        rule: str, at: str, *, nth: int = 1, element: str | None = None
    ) -> Callable[..., Callable[[Broken], None]]:
        def keep(change: Callable[[Broken], None]) -> Callable[[Broken], None]:
            mutations.append(Mutation(base, change, rule, at, nth, element))
            return change

        return keep

    return finds


def recounted(lines: Iterable[str]) -> list[str]:
    """Return segments whose SE01 is right."""
    counted, begun = [], 0
    for at, line in enumerate(lines):
        if line.startswith("ST*"):
            begun = at
        if line.startswith("SE*"):
            counted.append(f"SE*{at - begun + 1}*{line.split('*')[2]}")
        else:
            counted.append(line)
    return counted


def enclosed(functional_id: str, guide: str, *body: str) -> tuple[str, ...]:
    """Return a file with one set. **Shape**: `body` from ST to what stands before SE."""
    group = f"GS*{functional_id}*SENDER01*RECEIVER01*20260201*1200*1*X*{guide}"
    return tuple(recounted((ISA, group, *body, "SE*0*0001", "GE*1*1", "IEA*1*000000001")))
