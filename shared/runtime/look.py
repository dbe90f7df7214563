"""What one look of a doctor found: at a service (`doctor.py`), or at the machine (`apps/embedded/doctor.py`)."""

from typing import Literal, TypeAlias

from msgspec import Struct

Level: TypeAlias = Literal["ok", "warn", "fail"]


class Look(Struct, frozen=True, kw_only=True):
    """What one look found. **Shape**: `mend` is a command, or what to do; empty where all is well."""

    check: str
    level: Level
    said: str
    mend: str = ""
