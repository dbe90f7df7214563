"""Work that needs a service's own code: started as a program, its lines shown, its answers put together.

Owns: which program (the service's own where its variables are set here, else the one that knows the data folder), the
bar on standard error, and the gravest exit code. Refuses: importing a service. Next: `shared/runtime/operate.py` says
what a line is.
"""

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TaskID, TextColumn
from rich.progress import TimeRemainingColumn as Remaining
from rich.text import Text

from apps.cli.options import SAYS
from apps.cli.settings import Settings

OK, FAILED, USAGE, PARTIAL = 0, 1, 2, 3
_GRAVEST_LAST: Final = (OK, PARTIAL, FAILED, USAGE)
LINE_BYTES_MAX: Final = 256 * 1024 * 1024
_PLAIN_EVERY_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Operated:
    """What a command came to, by service. **Shape**: an error has a `slug` and a `message`."""

    results: Mapping[str, Mapping[str, Any]]
    errors: Mapping[str, Mapping[str, str]]
    code: int

    def as_json(self) -> Mapping[str, Any]:
        """Return the answer for programs."""
        return {"services": self.results, "errors": self.errors}

    def show_errors(self) -> None:
        """Say what was in the way."""
        for service, error in self.errors.items():
            SAYS.print(f"claimlog: {service}: {error['message']}", style="red", highlight=False)


def operate(services: Sequence[str], *words: str, together: bool = False) -> Operated:
    """Run an operator's command on services, one after the other or together, and show how far it is."""
    return asyncio.run(_operate(Settings.read(), services, words, together=together))


def on_folder(*words: str) -> Operated:
    """Run a command of the embedded program on the data folder, and show how far it is."""
    return asyncio.run(_on_folder((sys.executable, "-m", "apps.embedded.command", *words)))


async def _on_folder(program: Sequence[str]) -> Operated:
    heard = _Heard()
    with _Bars(SAYS) as bars:
        code = await _run(program, heard, bars)
    return Operated(results=heard.results, errors=heard.errors, code=code)


async def _operate(settings: Settings, services: Sequence[str], words: Sequence[str], *, together: bool) -> Operated:
    heard = _Heard()
    with _Bars(SAYS) as bars:
        programs = _programs(settings, services, words, together=together)
        if together:
            codes = await asyncio.gather(*(_run(program, heard, bars) for program in programs))
        else:
            codes = [await _run(program, heard, bars) for program in programs]
    silent = [name for name in services if name not in heard.results and name not in heard.errors]
    for name in silent:
        heard.errors[name] = {
            "slug": "no-answer",
            "message": "the program ended without an answer; its words are above",
        }
    gravest = max([*codes, FAILED if silent else OK], key=gravity)
    return Operated(
        results={name: heard.results[name] for name in (*services, *heard.results) if name in heard.results},
        errors={name: heard.errors[name] for name in services if name in heard.errors},
        code=gravest,
    )


def _programs(
    settings: Settings, services: Sequence[str], words: Sequence[str], *, together: bool
) -> list[tuple[str, ...]]:
    """Return the programs to start: one for each service that is told here, one for all others."""
    python = (sys.executable, "-m")
    own = [name for name in services if name in settings.told]
    programs = [(*python, "shared.runtime.operate", f"services.{name}.main", *words) for name in own]
    rest = [word for name in services if name not in own for word in ("--service", name)]
    if rest:
        switch = ("--together",) if together else ()
        programs.append((*python, "apps.embedded.command", "operate", *rest, *switch, "--", *words))
    return programs


async def _run(program: Sequence[str], heard: "_Heard", bars: "_Bars") -> int:
    """Run a program to its end and hear its lines; who ends this program ends it too."""
    process = await asyncio.create_subprocess_exec(
        *program, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, limit=LINE_BYTES_MAX
    )
    if process.stdout is None:
        raise TypeError("a pipe was asked for")
    try:
        async for line in process.stdout:
            heard.take(line, bars)
        return await process.wait()
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


def gravity(code: int) -> int:
    """Return how grave an exit code is: all well, something left over, a failure, wrong words."""
    return _GRAVEST_LAST.index(code) if code in _GRAVEST_LAST else _GRAVEST_LAST.index(FAILED)


@dataclass(slots=True)
class _Heard:
    """What programs said so far."""

    results: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    errors: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def take(self, line: bytes, bars: "_Bars") -> None:
        """Take one line of a program."""
        try:
            said = json.loads(line)
        except ValueError:  # a library that prints: people may read it, it is no answer
            SAYS.print(line.decode(errors="replace").rstrip(), highlight=False, markup=False)
            return
        kind, service = said.pop("kind"), said.pop("service")
        if kind == "progress":
            bars.move(service, said["what"], said["done"], said["total"])
        elif kind == "error":
            self.errors[service] = said
        else:
            self.results[service] = said


class _Rate(ProgressColumn):
    """How many are done in a second."""

    def render(self, task: Task) -> Text:
        """Return the rate, empty while nobody knows."""
        return Text(f"{task.speed:,.0f}/s" if task.speed else "")


class _Bars:
    """How far work is: bars on a terminal, else a plain line now and then."""

    def __init__(self, console: Console) -> None:
        self._console = console
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), Remaining())
        is_plain = not console.is_terminal or console.no_color
        self._bars = None if is_plain else Progress(*columns, console=console, transient=True)
        self._tasks: dict[tuple[str, str], TaskID] = {}
        self._said: dict[tuple[str, str], float] = {}

    def __enter__(self) -> Self:
        if self._bars is not None:
            self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bars is not None:
            self._bars.stop()

    def move(self, service: str, what: str, done: int, total: int) -> None:
        """Show that so much of something is done."""
        key = (service, what)
        if self._bars is not None:
            if key not in self._tasks:
                self._tasks[key] = self._bars.add_task(f"{service}: {what}", total=total or None)
            self._bars.update(self._tasks[key], completed=done, total=total or None)
        elif monotonic() - self._said.get(key, 0.0) >= _PLAIN_EVERY_SECONDS or done >= total > 0:
            self._said[key] = monotonic()
            self._console.print(f"{service}: {what}: {done:,} of {total:,}", highlight=False)
