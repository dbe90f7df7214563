"""What the embedded process is told, and what it tells each service."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from shared.runtime.settings import masked

SERVICES = ("registration", "coding", "validation", "claims", "payments")
TENANT = "demo"
ISSUER = "claimlog-development"
VARIABLES = {
    "data": "CLAIMLOG_DATA",
    "database_url": "DATABASE_URL",
    "kafka_bootstrap": "KAFKA_BOOTSTRAP",
    "host": "CLAIMLOG_HOST",
    "port": "CLAIMLOG_PORT",
    "environment": "CLAIMLOG_ENVIRONMENT",
    "topic_prefix": "CLAIMLOG_TOPIC_PREFIX",
}
_OF_OTHERS = {
    "CLAIMLOG_URL", "CLAIMLOG_TOKEN", "CLAIMLOG_FAILPOINT", "CLAIMLOG_KAFKA_HOME", "CLAIMLOG_REQUIRE_KAFKA",
    "CLAIMLOG_REQUIRE_ORACLES", "CLAIMLOG_REQUIRE_BROWSER", "CLAIMLOG_REQUIRE_DEPLOY",
}  # fmt: skip
"""Variables of the command line, of tests and of `make kafka`."""
REPOSITORY = Path(__file__).resolve().parents[2]


class Settings(BaseModel):
    """The variables that the embedded process reads. **Shape**: everything has a default that works on one machine."""

    model_config = ConfigDict(frozen=True)
    data: Path = Field(default=Path("var"), description="CLAIMLOG_DATA: folder of database, keys and exchange files.")
    database_url: str = Field(
        default="", description="DATABASE_URL: an existing PostgreSQL server; databases claimlog_… are made on it."
    )
    kafka_bootstrap: str = Field(
        default="", description="KAFKA_BOOTSTRAP: host:port of Kafka; empty: a table is the log."
    )
    host: str = Field(
        default="127.0.0.1", description="CLAIMLOG_HOST: only 127.0.0.1, because it signs its own tokens."
    )
    port: int = Field(default=8000, ge=0, le=65_535, description="CLAIMLOG_PORT: where the HTTP APIs are.")
    environment: str = Field(default="development", description="CLAIMLOG_ENVIRONMENT: production is refused.")
    topic_prefix: str = Field(default="claimlog", description="CLAIMLOG_TOPIC_PREFIX: first part of topic names.")

    @classmethod
    def read(cls) -> Self:
        """Return what the environment says."""
        given = {field: os.environ[name] for field, name in VARIABLES.items() if os.environ.get(name)}
        return cls.model_validate(given)

    def told(self) -> Mapping[str, Any]:
        """Return every setting and where it came from, and variables of this family that name none."""
        known = {*VARIABLES.values(), *_OF_OTHERS}
        prefixes = tuple(f"CLAIMLOG_{name.upper()}_" for name in (*SERVICES, "console", "simulator"))
        ours = [name for name in os.environ if name.startswith("CLAIMLOG_") and not name.startswith(prefixes)]
        return {
            "settings": [
                {
                    "variable": variable,
                    "value": masked(str(getattr(self, field))),
                    "source": "environment" if os.environ.get(variable) else "default",
                    "is_wrong": False,
                    "about": (type(self).model_fields[field].description or "").partition(": ")[2],
                }
                for field, variable in VARIABLES.items()
            ],
            "unknown": sorted(set(ours) - known),
        }
