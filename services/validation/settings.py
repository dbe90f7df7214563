"""What an operator may change about validation: nothing beyond what every service has, yet."""

from typing import Final

from shared.runtime.settings import RuntimeSettings

PREFIX: Final = "CLAIMLOG_VALIDATION_"


class Settings(RuntimeSettings):
    """The settings; each has a default that works."""
