"""What an operator may change about coding."""

from typing import Final

from pydantic import Field

from shared.runtime.settings import RuntimeSettings

PREFIX: Final = "CLAIMLOG_CODING_"


class Settings(RuntimeSettings):
    """The settings; each has a default that works."""

    note_characters_max: int = Field(
        default=20_000,
        ge=0,
        le=40_000,
        description="Length of a note that travels in the fact; a longer one is kept as a file. Too high: "
        "facts outgrow `event_bytes_max` and are refused.",
    )
    table_bytes_max: int = Field(
        default=100_000_000,
        ge=1_024,
        description="Size of a packed table of codes that is loaded; larger is answered 413. It is held in memory.",
    )
