"""Stored files: each still opens, and is what its hash says. They are evidence of what was sent and received.

Owns: opening every file once. Refuses: what stands in them.
"""

from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidTag

from shared.runtime.engine import Engine
from shared.runtime.files import FileNotFound
from shared.runtime.keys import KeyDestroyed, KeyNotFound
from shared.runtime.progress import Progress
from shared.runtime.verify.finding import About, Finding

FILES: Final = About(name="files", about="Each stored file opens, and is what its hash says.")


async def check_files(engine: Engine, progress: Progress) -> Finding:
    """Return whether all files are whole; those whose key was destroyed are left out. **Errors**: `Unavailable`."""
    stored = await engine.store.files(0)
    complaint, erased = None, 0
    for done, (tenant_id, digest, kind) in enumerate(stored, start=1):
        try:
            is_whole = sha256(await engine.file(tenant_id, digest)).hexdigest() == digest
        except KeyDestroyed:
            erased += 1
            continue
        except (InvalidTag, ValueError, KeyNotFound, FileNotFound):  # not as it was sealed, or gone
            is_whole = False
        if not is_whole:
            complaint = complaint or f"table files: {kind} {digest} is not what was stored"
        progress("files", done, len(stored))
    note = f"the keys of {erased} files were destroyed" if erased else None
    return FILES.found(complaint, checked=len(stored) - erased, left_out=erased, note=note)
