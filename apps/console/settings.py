"""What an operator may change about the console; the only reader of its environment. Unknown names are refused."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import Field

from shared.runtime.days_and_instants import Zone
from shared.runtime.settings import PrefixedSettings

PREFIX: Final = "CLAIMLOG_CONSOLE_"


class Settings(PrefixedSettings):
    """Settings of the console. The defaults find what `make run` starts in the same folder."""

    environment: str = Field(
        default="development",
        description="development or production; shown on every page. In production nobody signs in without a provider.",
    )
    address: str = Field(
        default="127.0.0.1:8088", description="Where it listens; embedded it has no address of its own."
    )
    registration_url: str = Field(
        default="http://127.0.0.1:8000/registration", description="Where registration answers."
    )
    coding_url: str = Field(default="http://127.0.0.1:8000/coding", description="Where coding answers.")
    validation_url: str = Field(default="http://127.0.0.1:8000/validation", description="Where validation answers.")
    claims_url: str = Field(default="http://127.0.0.1:8000/claims", description="Where claims answers.")
    payments_url: str = Field(default="http://127.0.0.1:8000/payments", description="Where payments answers.")
    issuer_file: Path = Field(
        default=Path("var/keys/issuer.json"), description="Key of the development issuer, which signs for who signs in."
    )
    issuer: str = Field(default="claimlog-development", description="Name of the issuer that the services trust.")
    tenant_id: str = Field(default="demo", description="Whose data is shown to who signs in.")
    zone: Zone = Field(default="America/New_York", description="Time zone in which days and times are shown.")
    answer_seconds: int = Field(default=10, ge=1, le=120, description="How long a page waits for a service.")
    session_idle_minutes: int = Field(
        default=30, ge=1, le=720, description="After so long without a request a person signs in again."
    )

    @property
    def urls(self) -> Mapping[str, str]:
        """Return where each service answers, by its name."""
        return {
            "registration": self.registration_url,
            "coding": self.coding_url,
            "validation": self.validation_url,
            "claims": self.claims_url,
            "payments": self.payments_url,
        }
