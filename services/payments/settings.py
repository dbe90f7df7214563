"""What an operator may change about payments."""

from typing import Final

from pydantic import Field

from shared.runtime.settings import RuntimeSettings

PREFIX: Final = "CLAIMLOG_PAYMENTS_"


class Settings(RuntimeSettings):
    """The settings; each has a default that works."""

    clearinghouse_url: str = Field(
        default="", description="Where remittances lie in a mailbox. Empty: nobody looks, they come by POST only."
    )
    clearinghouse_timeout_seconds: int = Field(
        default=30,
        ge=1,
        description="How long one question to the mailbox may take. Too low: large files never arrive.",
    )
    mailbox_every_seconds: float = Field(
        default=1.0,
        gt=0,
        description="Longest pause between two looks into the mailbox; too high: money is posted later.",
    )
