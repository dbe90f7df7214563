"""`claimlog demo` and `claimlog run`: everything in one process.

Owns: the words, and passing signals on. Refuses: the work (`apps/embedded/main.py`).
"""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from apps.cli.options import Json


def demo(
    *,
    as_json: Json = False,
    path: Annotated[Path | None, typer.Option(help="FHIR to import instead of the sample practice.")] = None,
) -> None:
    """Run the sample practice through all five services, from registration to the ledger, and check every cent."""
    options = [*(["--json"] if as_json else []), *(["--path", str(path)] if path else [])]
    raise typer.Exit(_embedded("demo", *options))


def run() -> None:
    """Run everything in one process and keep the HTTP APIs open until Ctrl-C."""
    raise typer.Exit(_embedded("run"))


def _embedded(*arguments: str) -> int:
    with subprocess.Popen([sys.executable, "-m", "apps.embedded.main", *arguments]) as process:  # noqa: S603 (ours)
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())  # nobody told the child
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:  # the terminal told the child too: let it close its database
                continue
