"""Files as evidence: content-addressed, sealed, written in the unit that names them.

Owns: `File`. Refuses: folders for people (`apps/embedded` copies to `var/exchange`). Next: `store.py` keeps the rows.
"""

from dataclasses import dataclass
from hashlib import sha256

from shared.kernel.errors import NotFound


class FileNotFound(NotFound):
    """No file has this hash here."""

    slug = "file-not-found"


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """Bytes that a fact names by their hash. **Shape**: `kind` is one word, such as 837p, 835 or note."""

    kind: str
    content: bytes

    @property
    def sha256(self) -> str:
        """Return the name of the file."""
        return sha256(self.content).hexdigest()
