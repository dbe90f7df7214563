"""Who answers for codes when `claimlog x12 check` looks at a file: tables that ship, and lists that a user laid down.

Owns: which table is asked for which list, and what a folder may hold. Refuses: to guess: what no table answers, nobody
looked up, and the report says so.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Final

import typer

from shared.codesets.carc_rarc import CARC, RARC
from shared.codesets.code_list import CodeList
from shared.codesets.edition import Answer, TableNotLoaded, Valid
from shared.codesets.hcpcs import look_up as look_up_procedure
from shared.codesets.icd10cm import SYSTEM as DIAGNOSES
from shared.codesets.loaders.code_list import supplied
from shared.codesets.modifiers import MODIFIERS
from shared.codesets.official import Member
from shared.codesets.pos import POS
from shared.kernel.errors import Malformed
from shared.x12.checks.code_sets import KINDS, Knows

_ICD10CM: Final = f"{DIAGNOSES.name}.table"
_SHIPPED: Final[Mapping[str, Callable[[str, date], Answer]]] = {
    "adjustment-reason": CARC.look_up,
    "modifier": MODIFIERS.look_up,
    "place-of-service": POS.look_up,
    "procedure": look_up_procedure,
    "remark": RARC.look_up,
}


def code_sets(folder: Path) -> Knows:
    """Return who answers. **Shape**: `folder` may hold `icd10cm.table`, and for each list its name and `.csv`.

    A list of the user is asked where no table that ships has an answer. **Errors**: `BadParameter`, which names a file
    that is no list of codes.
    """
    tables = dict(_SHIPPED)
    if (icd10cm := folder / _ICD10CM).is_file():
        with _named(icd10cm):
            tables["diagnosis"] = DIAGNOSES.read(icd10cm.read_bytes()).look_up
    brought = {kind: _brought(kind, path) for kind in KINDS if (path := folder / f"{kind}.csv").is_file()}

    def knows(kind: str, code: str, on: date | None) -> bool | None:
        answer = tables[kind](code, on) if kind in tables and on is not None else None
        if (answer is None or isinstance(answer, TableNotLoaded)) and kind in brought:
            answer = brought[kind].look_up(code, on)
        return None if answer is None or isinstance(answer, TableNotLoaded) else isinstance(answer, Valid)

    return knows


def _brought(kind: str, path: Path) -> CodeList:
    with _named(path), path.open("rb") as lines:
        return supplied(KINDS[kind], Member(name=path.name, lines=lines))


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Say of which file it is that it cannot be read."""
    try:
        yield
    except (Malformed, OSError) as error:
        said = str(error).removeprefix(f"{path.name}: ").removeprefix(f"{path.name}, ")
        raise typer.BadParameter(f"{path.name}: {said}", param_hint="--reference") from None
