"""Where every carrier hands files over: one comes in under a name, and what was posted is listed and read.

Owns: that the same bytes under the same name are one file, and the order in which files are worked on. Refuses: sockets
and folders (the carriers), and what becomes of a file (`../front.py`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from apps.simulator.door import Door
from apps.simulator.front import Front
from apps.simulator.office import Mail

_LOG = structlog.get_logger("simulator")
_MAIL_ID: Final = re.compile("[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Taken:
    """That a file was taken in. **Shape**: `receipt` is the clearinghouse's number; not new where it came before."""

    receipt: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class Counter:
    """The front as carriers see it."""

    front: Front
    door: Door

    @property
    def is_down(self) -> bool:
        """Return whether nobody who sends or fetches is answered now."""
        return self.front.is_down

    async def take_in(self, name: str, content: bytes) -> Taken:
        """Take a file in.

        **Errors**: `KeyTaken` where the name was for other bytes; `OSError` where it cannot be written down.
        """
        return await self.door.through(lambda: self._taken(name, content))

    async def list(self, after: str, limit: int) -> Sequence[Mail]:
        """Return what was posted behind a file, in order; what has become due meanwhile is among it.

        **Shape**: `after` is an id, or empty for all. While an interchange is worked on, what was there before it.
        """
        if not self.door.is_closed and self.front.is_behind:
            await self.door.through(self.front.catch_up)
        return self.front.mail(after, limit)

    def read(self, mail_id: str) -> bytes | None:
        """Return the bytes of a file that was posted, None where none has this id."""
        number = int(mail_id) if _MAIL_ID.fullmatch(mail_id) else 0
        found = self.front.mail(str(number - 1), 1) if number else ()
        return found[0].content if found else None

    def _taken(self, name: str, content: bytes) -> Taken:
        known = self.front.office.known(name, content)
        if known is not None:
            return Taken(known.number, is_new=False)
        receipt = self.front.receive(name, content)
        mail = len(self.front.office.mailbox)
        _LOG.info("interchange-received", receipt=receipt.number, bytes=len(content), mail=mail)
        return Taken(receipt.number, is_new=True)
