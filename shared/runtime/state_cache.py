"""The states of streams that this process knows, and whether they are still the latest.

Owns: remembering a limited number of them, and doubting what was remembered before somebody else wrote. Refuses:
loading (`working_set.py`) and judging whether the store is still the same one (`flush.py`).
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from shared.runtime.store import Stream

_STATES_MAX: Final = 10_000  # 20 MB with the usual states; a stream is worked on for seconds, then seldom


class StateCache:
    """Version and state by stream, each with the position of the store at which they were the latest."""

    def __init__(self) -> None:
        self._entries: OrderedDict[Stream, tuple[int, Any, int]] = OrderedDict()
        self._others_until = 0

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()

    def doubt(self, position: int) -> None:
        """Take note that others added facts up to a position: what was the latest before it may have grown."""
        self._others_until = position

    def unknown(self, streams: Iterable[Stream]) -> set[Stream]:
        """Return the streams of which no state is here, the latest or not."""
        return {stream for stream in streams if stream not in self._entries}

    def find(self, stream: Stream, initial: object) -> tuple[int, Any, bool]:
        """Return version and state of a stream, and whether they are the latest; version 0 for one that is not here."""
        version, state, position = self._entries.get(stream, (0, initial, -1))
        return version, state, position >= self._others_until

    def keep(self, states: Mapping[Stream, tuple[int, Any]], position: int) -> None:
        """Remember what are the latest states at a position; the least used are forgotten."""
        for stream, (version, state) in states.items():
            self._entries[stream] = (version, state, position)
            self._entries.move_to_end(stream)
        while len(self._entries) > _STATES_MAX:
            self._entries.popitem(last=False)
