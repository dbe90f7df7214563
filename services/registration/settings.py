"""What an operator may change about registration."""

from typing import Final
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from shared.runtime.settings import RuntimeSettings

PREFIX: Final = "CLAIMLOG_REGISTRATION_"


class Settings(RuntimeSettings):
    """The settings; each has a default that works."""

    practice_zone: str = Field(
        default="America/New_York",
        description="Time zone of the desk: on which day a visit falls, and so which coverages count. Wrong: visits "
        "near midnight take the coverages of the day before or after.",
    )

    @field_validator("practice_zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        try:
            return ZoneInfo(zone).key
        except (LookupError, OSError):
            raise ValueError("a time zone such as America/New_York") from None
