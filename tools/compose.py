"""What docker-compose.yml mounts: secrets, made once in `var/compose`. `python -m tools.compose`, or `make up`.

A second run keeps what is there. The folder is its owner's alone; the files in it are readable, because the programs in
the containers run as another user. For development on one machine: the issuer of tokens is the development one, so
`CLAIMLOG_DATA=var/compose claimlog token` signs what these services trust.
"""

import secrets
from datetime import timedelta
from pathlib import Path
from typing import Final

from shared.events.envelope import Actor
from shared.events.registry import PRODUCERS
from shared.runtime.clock import now
from shared.runtime.keys import LocalKms
from shared.runtime.tokens import DevelopmentIssuer
from tools.images import ROOT

FOLDER: Final = ROOT / "var" / "compose"
TENANT: Final = "demo"
ISSUER: Final = "claimlog-development"
_TOKEN_DAYS: Final = 366


def prepare(folder: Path) -> None:
    """Make what is missing."""
    made = folder / "secrets"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    made.mkdir(exist_ok=True)
    password = _kept(made / "postgres-password", secrets.token_urlsafe(24))
    _kept(made / "grafana-password", secrets.token_urlsafe(24))
    for name in (*PRODUCERS, "keys"):
        _kept(made / f"{name}-database", f"postgresql://claimlog:{password}@postgres/claimlog_{name}")
    LocalKms.from_file(made / "kms-key", environment="development")
    issuer = DevelopmentIssuer.from_folder(folder / "keys", ISSUER)
    (made / "token-keys").write_bytes((folder / "keys" / "token-keys.json").read_bytes())
    (made / "issuer-key").write_bytes((folder / "keys" / "issuer.json").read_bytes())
    reader = Actor(kind="service", id="validation")
    lifetime = timedelta(days=_TOKEN_DAYS)
    signed = issuer.token(tenant_id=TENANT, actor=reader, scopes=("coding.read",), now=now(), lifetime=lifetime)
    (made / "coding-token").write_text(signed)
    for path in made.iterdir():
        path.chmod(0o644)


def _kept(path: Path, value: str) -> str:
    """Return what a file holds, written with a value where it is missing."""
    if not path.exists():
        path.write_text(value)
    return path.read_text()


if __name__ == "__main__":
    prepare(FOLDER)
    print(
        f"secrets are in {FOLDER.relative_to(ROOT)}; a token: CLAIMLOG_DATA={FOLDER.relative_to(ROOT)} claimlog token"
    )
