"""Independent judges of X12: pyx12 for guides, oxedi for remittances and their sums; never part of the product.

Known defects are worked around as the design notes say: pyx12's remark codes are stale, and an exception of its own
counts as a rejection; a second PLB, which its own map allows without limit, it takes for a second footer. It is not
asked about 277CA, whose map it ships broken. linuxforhealth-x12 judges 270, 271, 276 and 277 from an environment of its
own (`make oracles`).
"""

import io
import json
import logging
import os
import pickle
import subprocess
import warnings
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple
from unittest.mock import patch

import oxedi
import pytest
from pyx12.map_if import load_map_file
from pyx12.params import ParamsBase, params
from pyx12.x12n_document import x12n_document

ROOT: Final = Path(__file__).resolve().parents[2]
ORACLES: Final = ROOT / ".venv-oracles" / "bin" / "python"
_IS_SET_UP: Final = (ROOT / ".venv-oracles" / ".set-up").exists()
_REQUIRED: Final = ("CI", "CLAIMLOG_REQUIRE_ORACLES")
_A_SECOND_PLB: Final = "Loop FOOTER exceeded max count"
needs_lfh: Final = pytest.mark.skipif(
    not _IS_SET_UP and not any(map(os.environ.get, _REQUIRED)),  # noqa: TID251 (there absence is a failure)
    reason="make oracles",
)


class Verdict(NamedTuple):
    """What pyx12 says of a file. **Shape**: `errors` as (code, text); `acknowledgement` its own 999."""

    valid: bool
    errors: tuple[tuple[str, str], ...]
    acknowledgement: str


def pyx12_check(text: str, *, acknowledge: bool = False) -> Verdict:
    """Return pyx12's verdict on a whole file. **Shape**: do not ask for an acknowledgement of a 999 or TA1."""
    logging.getLogger("pyx12").setLevel(logging.CRITICAL)
    settings = params(None)
    settings.set("exclude_external_codes", "remark_code")
    answer, report = io.StringIO(), io.StringIO()
    with warnings.catch_warnings(), patch("pyx12.map_if.load_map_file", _fresh_map):
        warnings.simplefilter("ignore")
        try:
            valid = x12n_document(
                settings, io.StringIO(text), fd_997=answer if acknowledge else None, fd_html=None, fd_json=report
            )
        except Exception as error:  # noqa: BLE001 (whatever it stumbles over, it did not find the file valid)
            return Verdict(valid=False, errors=(("exception", repr(error)),), acknowledgement="")
    found = tuple(_errors(json.loads(report.getvalue() or "{}")))
    errors = tuple(error for error in found if not error[1].startswith(_A_SECOND_PLB))
    valid = bool(valid) or len(errors) < len(found)
    return Verdict(valid=valid and not errors, errors=errors, acknowledgement=answer.getvalue())


def _fresh_map(name: str, settings: ParamsBase, folder: str | None = None) -> Any:  # noqa: ANN401 (pyx12 publishes no types)
    """Return a guide's map, its own of each caller: pyx12 counts in it what it met."""
    return pickle.loads(_packed_map(name, folder, settings.get("exclude_external_codes")))  # noqa: S301 (packed here)


@cache
def _packed_map(name: str, folder: str | None, excluded: str) -> bytes:
    """Return a guide's map, packed: making one of its XML takes ten times as long as unpacking it."""
    settings = params(None)
    settings.set("exclude_external_codes", excluded)
    return pickle.dumps(load_map_file(name, settings, folder))


def oxedi_findings(data: bytes) -> tuple[str, ...]:
    """Return what oxedi finds in an 835, its three sums included; empty: nothing."""
    return tuple(f"level {found.level} {found.rule} {found.path}" for found in oxedi.parse(data).diagnostics)


def lfh_complaints(files: Sequence[bytes], *, siblings: bool = False) -> list[str]:
    """Return what linuxforhealth-x12 has against each file, empty where nothing; one process for all of them.

    **Shape**: `siblings` turns off the one rule that refuses a second patient of a provider in a 270 or 271. It refuses
    some valid files all the same: with two EQ of one person, with an EQ or EB that has no service type and something
    behind it, with a PER of the payer in a 271, III without LS, two NM1 in one LS, an EB09 that is no number, or two
    SVC of one claim in a 276 or 277.
    """
    if not _IS_SET_UP:
        raise FileNotFoundError("linuxforhealth-x12 is not here: make oracles")
    asked = json.dumps([{"text": data.decode(), "siblings": siblings} for data in files])
    program = ROOT / "tests" / "support" / "x12_lfh.py"
    done = subprocess.run(  # noqa: S603 (our own program)
        [ORACLES, program], input=asked, capture_output=True, text=True, check=True, timeout=120
    )
    complaints: list[str] = json.loads(done.stdout)
    return complaints


def _errors(report: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 (a JSON document has any shape)
    if isinstance(report, dict):
        if "err_cde" in report:
            yield str(report["err_cde"]), str(report.get("err_str"))
        report = list(report.values())
    if isinstance(report, list):
        for part in report:
            yield from _errors(part)
