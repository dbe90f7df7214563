"""Look-ups of diagnosis codes as of a day, beside a look into a plain dictionary of the same codes.

`python -m bench.codesets`. Half of the codes that are asked for do not exist. **Units**: seconds are seconds of CPU, so
that other programs on the machine do not count.
"""

from datetime import timedelta
from pathlib import Path
from random import Random
from time import process_time
from typing import Final

from bench.figures import Figure, reported
from bench.machine import loops_per_second
from shared.codesets.edition import Valid
from shared.codesets.icd10cm import SYSTEM

TABLE: Final = Path(__file__).resolve().parents[1] / "reference" / "icd10cm.table"
_QUESTIONS: Final = 200_000
_SEED: Final = 7


class NotVerified(Exception):
    """The answers of the measured look-ups are wrong."""


def measure() -> dict[str, Figure]:
    """Return the figure. **Errors**: `NotVerified`."""
    table = SYSTEM.read(TABLE.read_bytes())
    random = Random(_SEED)  # noqa: S311 (which codes are asked for, no secret)
    codes = list(table)
    first = table.edition.effective_from
    asked = [random.choice(codes) + random.choice(("", "ZZ")) for _ in range(_QUESTIONS)]
    days = [first + timedelta(days=random.randrange(300)) for _ in range(_QUESTIONS)]
    begun = process_time()
    answers = [table.look_up(code, on) for code, on in zip(asked, days, strict=True)]
    took = process_time() - begun
    known = dict.fromkeys(codes, True)
    begun = process_time()
    plain = [known.get(code, False) for code, _ in zip(asked, days, strict=True)]
    bare = process_time() - begun
    if any(isinstance(answer, Valid) and not there for answer, there in zip(answers, plain, strict=True)):
        raise NotVerified("a code that does not exist was found")
    return {
        "bare_dictionary": Figure(
            value=_QUESTIONS / bare, unit="look-ups/s", baseline=loops_per_second(), beside="control loop of CPU"
        ),
        "codeset_look_ups": Figure(
            value=_QUESTIONS / took, unit="look-ups/s", baseline=_QUESTIONS / bare, beside="bare_dictionary"
        ),
    }


if __name__ == "__main__":
    reported("Code sets", measure())
