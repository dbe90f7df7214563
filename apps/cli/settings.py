"""What the command line is told by the environment."""

import os
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from shared.events.registry import PRODUCERS


class Settings(BaseModel):
    """Where claimlog runs. **Shape**: the defaults are those of the embedded process."""

    model_config = ConfigDict(frozen=True)
    url: str = Field(
        default="http://127.0.0.1:8000",
        description="CLAIMLOG_URL: where the services are mounted; with {service} in it, where each one is.",
    )
    data: Path = Field(default=Path("var"), description="CLAIMLOG_DATA: folder with the development issuer's key.")
    token: str = Field(
        default="",
        description="CLAIMLOG_TOKEN: a bearer token of your issuer; without it the development issuer signs.",
    )
    told: frozenset[str] = Field(
        default=frozenset(),
        description="Services whose CLAIMLOG_<SERVICE>_DATABASE_URL is set here: their own programs are started.",
    )
    token_issuer: str = Field(default="claimlog-development", description="Whose tokens the services trust.")

    def url_of(self, service: str) -> str:
        """Return where a service answers."""
        return self.url.replace("{service}", service) if "{service}" in self.url else f"{self.url}/{service}"

    @classmethod
    def read(cls) -> Self:
        """Return what the environment says; CLAIMLOG_PORT alone moves the default address."""
        port = os.environ.get("CLAIMLOG_PORT")
        names: dict[str, object] = {
            "url": os.environ.get("CLAIMLOG_URL") or (f"http://127.0.0.1:{port}" if port else None)
        }
        names["data"] = os.environ.get("CLAIMLOG_DATA")
        names["token"] = os.environ.get("CLAIMLOG_TOKEN")
        names["told"] = {each for each in PRODUCERS if os.environ.get(f"CLAIMLOG_{each.upper()}_DATABASE_URL")}
        return cls.model_validate({name: value for name, value in names.items() if value})
