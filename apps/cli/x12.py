"""`claimlog x12`: what is wrong with a file, what is in it, and a copy without personal data.

Owns: the words, and how findings and trees are shown. Refuses: the looking (`shared/x12/checks`). Files are read as
they come, so that their size does not matter; a dash reads standard input.
"""

import json
import os
import secrets
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Final, NoReturn

import typer
from rich.console import Console
from rich.markup import escape

from apps.cli.options import SAYS, Json, out
from apps.cli.x12_code_sets import code_sets
from shared.kernel.dates import local_day
from shared.runtime.clock import now
from shared.x12.checks import Finding, check
from shared.x12.checks.code_sets import KINDS, Knows
from shared.x12.checks.masking import Masker, mask
from shared.x12.checks.tree import Line, tree
from shared.x12.malformed import MalformedX12
from shared.x12.tokens import BLOCK_BYTES

X12: Final = typer.Typer(no_args_is_help=True)
KEPT_MAX: Final = 10_000
"""Findings of one file that are kept; what is beyond is counted."""
SHOWN_PER_RULE_MAX: Final = 20
"""Findings of one rule that people are shown; `--json` has all that are kept."""
_NOT_LOADED: Final = "5-not-made"
_STYLES: Final = {"error": "red", "warning": "yellow"}
_KEY_BYTES_MIN: Final = 16
_FIRST_ZONE: Final = "Pacific/Kiritimati"  # the first place on earth to begin a day: later than its day is nowhere yet

Files = Annotated[list[str], typer.Argument(metavar="FILE…", help="X12 files; - reads standard input.")]
OneFile = Annotated[str, typer.Argument(metavar="FILE", help="An X12 file; - reads standard input.")]
KeyFile = Annotated[
    Path | None,
    typer.Option("--key-file", help="At least 16 bytes; the same key gives the same names. Without it: a new one."),
]


@X12.command("check", epilog="Example: claimlog x12 check claims.edi; cat *.835 | claimlog x12 check --json -")
def check_files(
    files: Files,
    *,
    as_json: Json = False,
    reference: Annotated[
        Path, typer.Option(help="Folder with icd10cm.table, and lists of your own, such as taxonomy.csv.")
    ] = Path("reference"),
) -> None:
    """Say what is wrong with files: where, what, how to mend it, and by which rule. No value of a file is repeated.

    Exit code 1: an error was found, or a file could not be read, and the others were checked all the same; 0: nothing,
    or warnings, which a receiver may let pass.
    """
    knows, today = code_sets(reference), local_day(now(), _FIRST_ZONE)
    failed: list[str] = []
    reports = _reported(files, knows, today, failed)
    if as_json:
        _say_document("files", reports)
    else:
        console = out()
        for report in reports:
            _show_report(report, console)
    raise typer.Exit(1 if failed else 0)


@X12.command("show", epilog="Example: claimlog x12 show remittance.835 | less")
def show_file(
    file: OneFile,
    *,
    clear: Annotated[bool, typer.Option("--clear", help="Show personal data as they are.")] = False,
    key_file: KeyFile = None,
    as_json: Json = False,
) -> None:
    """Show a file as a tree of its loops. Personal data are masked as `mask` does, unless `--clear` is said.

    Exit code 1: the file is empty, cannot be read, or is no X12 from some segment on; what came before was shown.
    """
    masker = None if clear else Masker(_key(key_file))
    with _refusals(file), _opened(file) as stream:
        lines = tree(_content(stream), masker=masker)
        if as_json:
            _say_document("lines", (line._asdict() for line in lines))
        else:
            _show_lines(lines)


def _say_document(name: str, parts: Iterable[Mapping[str, Any]]) -> None:
    """Write one JSON document as its parts come; a fault in the file leaves it whole, too."""
    typer.echo(f'{{"{name}": [')
    try:
        for count, part in enumerate(parts):
            typer.echo((", " if count else "") + json.dumps(part, ensure_ascii=False))
    finally:
        typer.echo("]}")


def _show_lines(lines: Iterator[Line]) -> None:
    console = out()
    for line in lines:
        label = f"[bold]{line.segment_id:4}[/bold]" if line.number else ""
        said = "".join(mark if mark.isprintable() else "\N{REPLACEMENT CHARACTER}" for mark in line.text)
        text = escape(said) if line.number else f"[cyan]{escape(said)}[/cyan]"
        console.print(f"{'  ' * line.depth}{label}{text}", highlight=False, soft_wrap=True)


@X12.command("mask", epilog="Example: claimlog x12 mask claims.edi --out masked.edi --key-file key")
def mask_file(
    file: OneFile,
    *,
    target: Annotated[Path | None, typer.Option("--out", help="Where to; standard output without it.")] = None,
    key_file: KeyFile = None,
) -> None:
    """Write a copy in which names, addresses, ids, accounts, telephones and free texts are other ones of the same form.

    The same text becomes the same other one, so that people, claims and lines still match. Of days of birth and death
    the year stays. Codes, amounts, numbers of the structure, days of service, payers, states and three digits of postal
    codes stay, and so do the ids of trading partners that are no NPI and no tax id. This is no de-identification in the
    sense of HIPAA: such a file is still not for everybody.

    Exit code 1: the file is empty, cannot be read, is no X12, or the copy cannot be written.
    """
    key = _key(key_file)
    with _refusals(file), _opened(file) as stream:
        pieces = mask(_content(stream), key=key)
        if target is None:
            sys.stdout.buffer.writelines(pieces)
            sys.stdout.buffer.flush()
        else:
            _write_whole(target, pieces)


def _write_whole(target: Path, pieces: Iterator[bytes]) -> None:
    """Write a file that is there whole, or not at all; a device or a pipe gets the pieces as they come."""
    is_replaced = target.is_file() or not target.exists()
    target = target.resolve() if is_replaced else target  # a link stays one
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part") if is_replaced else target
    try:
        with open(part, "xb" if is_replaced else "wb", opener=_for_its_owner) as written:
            try:
                written.writelines(pieces)
                if is_replaced:
                    if target.exists():
                        part.chmod(target.stat().st_mode)  # what nobody else could read stays so
                    part.replace(target)
            finally:
                if is_replaced:
                    part.unlink(missing_ok=True)
    except OSError as error:
        _refuse(f"--out {target}: {error.strerror}")


def _for_its_owner(path: str, flags: int) -> int:
    """Open a new file that nobody else can read, whatever the umask: what is masked is still not for everybody."""
    return os.open(path, flags, 0o600)


class _Unreadable(Exception):
    """A file cannot be read, and why."""


@contextmanager
def _refusals(name: str) -> Iterator[None]:
    """Say in one line why a file cannot be shown or masked, and end with code 1."""
    try:
        yield
    except MalformedX12 as error:
        _refuse(f"{name}: segment {error.segment}, byte {error.offset}: {error}")
    except _Unreadable as error:
        _refuse(f"{name}: {error}")


def _refuse(words: str) -> NoReturn:
    SAYS.print(f"claimlog: {words}", style="red", highlight=False, markup=False, soft_wrap=True)
    raise typer.Exit(1)


def _key(path: Path | None) -> bytes:
    if path is None:
        return secrets.token_bytes(32)
    if not path.is_file():
        raise typer.BadParameter(f"there is no file {path}", param_hint="--key-file")
    key = path.read_bytes()
    if len(key) < _KEY_BYTES_MIN:
        raise typer.BadParameter(f"a key has at least {_KEY_BYTES_MIN} bytes", param_hint="--key-file")
    return key


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        stream = Path(name).open("rb")  # noqa: SIM115 (closed below; a pipe is a file, too)
    except OSError as error:
        raise _Unreadable(error.strerror) from None
    with stream:
        yield stream


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    try:
        while block := stream.read(BLOCK_BYTES):
            yield block
    except OSError as error:
        raise _Unreadable(error.strerror) from None


def _content(stream: BinaryIO) -> Iterator[bytes]:
    """Return the blocks of a file that has to hold something."""
    found = _blocks(stream)
    first = next(found, None)
    if first is None:
        raise _Unreadable("the file is empty")
    return chain((first,), found)


def _reported(names: list[str], knows: Knows, today: date, failed: list[str]) -> Iterator[Mapping[str, Any]]:
    """Yield what is found in each file, as soon as it is; `failed` gets the names of those that are not right."""
    for name in names:
        try:
            report = _checked(name, knows, today)
        except _Unreadable as error:
            report = {
                "file": name,
                "unreadable": str(error),
                "errors": 0,
                "warnings": 0,
                "left_out": 0,
                "not_loaded": [],
                "findings": [],
            }
        if report["errors"] or report["unreadable"]:
            failed.append(name)
        yield report


def _checked(name: str, knows: Knows, today: date) -> Mapping[str, Any]:
    kept: list[Finding] = []
    not_loaded: set[str] = set()
    counts: Counter[str] = Counter()
    with _opened(name) as stream:
        for finding in check(_blocks(stream), knows=knows, today=today):
            counts[finding.rule.severity] += 1
            if finding.rule.id == _NOT_LOADED:
                not_loaded.add(finding.detail)
            if len(kept) < KEPT_MAX:
                kept.append(finding)
    kept.sort(key=lambda finding: finding.segment)
    return {
        "file": name,
        "unreadable": None,
        "errors": counts["error"],
        "warnings": counts["warning"],
        "left_out": counts.total() - len(kept),
        "not_loaded": sorted(not_loaded),
        "findings": [_as_json(finding) for finding in kept],
    }


def _as_json(finding: Finding) -> Mapping[str, Any]:
    rule = finding.rule
    return {
        "rule": rule.id,
        "level": rule.level,
        "severity": rule.severity.value,
        "segment": finding.segment,
        "offset": finding.offset,
        "segment_id": finding.segment_id,
        "element": finding.element,
        "loop": finding.loop,
        "wrong": rule.wrong,
        "detail": finding.detail,
        "mend": rule.mend,
        "source": rule.source,
    }


def _show_report(report: Mapping[str, Any], console: Console) -> None:
    if report["unreadable"]:
        console.print(f"{report['file']}: {report['unreadable']}", style="red", highlight=False, markup=False)
        return
    findings, shown = report["findings"], Counter[str]()
    for finding in findings:
        if finding["rule"] == _NOT_LOADED:
            continue  # all of them in one line, below
        shown[finding["rule"]] += 1
        if shown[finding["rule"]] <= SHOWN_PER_RULE_MAX:
            _show_finding(finding, console)
    hidden = sum(max(0, count - SHOWN_PER_RULE_MAX) for count in shown.values()) + report["left_out"]
    more = f", {hidden:,} more of the same not shown" if hidden else ""
    summary = f"{report['file']}: {report['errors']:,} errors, {report['warnings']:,} warnings{more}"
    console.print(summary, highlight=False, soft_wrap=True, markup=False)
    if report["not_loaded"]:
        names = ", ".join(KINDS[kind] for kind in report["not_loaded"])
        said = f"not looked up, or not all of them, for their lists are not loaded: {names}"
        console.print(said, style="yellow", highlight=False, soft_wrap=True, markup=False)


def _show_finding(finding: Mapping[str, Any], console: Console) -> None:
    loop = f" in {finding['loop']}" if finding["loop"] else ""
    element = f", {finding['segment_id']}{finding['element']}" if finding["segment_id"] else ""
    place = f"segment {finding['segment'] or 1}{element}{loop}"
    detail = f" ({finding['detail']})" if finding["detail"] else ""
    console.print(f"{finding['severity']:8}", style=_STYLES[finding["severity"]], end="")
    text = (
        f"{place}: {finding['wrong']}{detail}\n        {finding['mend']}. Rule {finding['rule']}: {finding['source']}"
    )
    console.print(text, highlight=False, soft_wrap=True, markup=False)
