"""What the command line is told by the environment."""

import os
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    """Where claimlog runs. **Shape**: the defaults are those of the embedded process."""

    model_config = ConfigDict(frozen=True)
    url: str = Field(default="http://127.0.0.1:8000", description="CLAIMLOG_URL: where the services are mounted.")
    data: Path = Field(default=Path("var"), description="CLAIMLOG_DATA: folder with the development issuer's key.")
    token_issuer: str = Field(default="claimlog-development", description="Whose tokens the services trust.")

    @classmethod
    def read(cls) -> Self:
        """Return what the environment says; CLAIMLOG_PORT alone moves the default address."""
        port = os.environ.get("CLAIMLOG_PORT")
        names = {"url": os.environ.get("CLAIMLOG_URL") or (f"http://127.0.0.1:{port}" if port else None)}
        names["data"] = os.environ.get("CLAIMLOG_DATA")
        return cls.model_validate({name: value for name, value in names.items() if value})
