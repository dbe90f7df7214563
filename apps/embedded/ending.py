"""How a program of the embedded process ends: what is in the way is one line that says what to do, and an exit code."""

import asyncio
import signal
from typing import NoReturn

import typer
from rich.console import Console
from typer.exceptions import TyperException

from shared.kernel.errors import KnownError


def run_to_its_end(app: typer.Typer, *expected: type[Exception]) -> NoReturn:
    """Run a program's command line and exit. **Shape**: `expected` are failures to tell in a line, besides our own."""
    told: tuple[type[Exception], ...] = (KnownError, *expected)
    try:
        raise SystemExit(app(standalone_mode=False))
    except told as error:
        Console(stderr=True).print(f"claimlog: {error}", style="red", highlight=False)
        raise SystemExit(1) from None
    except TyperException as error:  # an option that is none of ours, or not like this
        Console(stderr=True).print(f"claimlog: {error.format_message()}", style="red", highlight=False)
        raise SystemExit(error.exit_code) from None
    except asyncio.CancelledError:
        raise SystemExit(128 + signal.SIGTERM) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
