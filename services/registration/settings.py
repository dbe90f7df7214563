"""What an operator may change about registration."""

from typing import Final

from pydantic import Field

from shared.runtime.days_and_instants import Zone
from shared.runtime.settings import RuntimeSettings

PREFIX: Final = "CLAIMLOG_REGISTRATION_"


class Settings(RuntimeSettings):
    """The settings; each has a default that works."""

    practice_zone: Zone = Field(
        default="America/New_York",
        description="Time zone of the desk: on which day a visit falls, and so which coverages count. Wrong: visits "
        "near midnight take the coverages of the day before or after.",
    )
