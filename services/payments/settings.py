"""What an operator may change about payments."""

from typing import Final

from shared.runtime.clearinghouse.address import ClearinghouseSettings

PREFIX: Final = "CLAIMLOG_PAYMENTS_"


class Settings(ClearinghouseSettings):
    """The settings; each has a default that works. Without a clearinghouse remittances come by POST only."""
