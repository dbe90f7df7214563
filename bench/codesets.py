"""Look-ups of diagnosis codes as of a day, beside a look into a plain dictionary of the same codes.

`python -m bench.codesets`. Half of the codes that are asked for do not exist.
"""

from datetime import timedelta
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Final

from bench.figures import Figure, report
from shared.codesets.edition import Valid
from shared.codesets.icd10cm import Icd10cm

TABLE: Final = Path(__file__).resolve().parents[1] / "reference" / "icd10cm.table"
_QUESTIONS: Final = 200_000
_SEED: Final = 7


class NotVerified(Exception):
    """The answers of the measured look-ups are wrong."""


def measure() -> dict[str, Figure]:
    """Return the figure. **Errors**: `NotVerified`."""
    table = Icd10cm.read(TABLE.read_bytes())
    random = Random(_SEED)  # noqa: S311 (which codes are asked for, no secret)
    codes = list(table)
    first = table.edition.effective_from
    asked = [random.choice(codes) + random.choice(("", "ZZ")) for _ in range(_QUESTIONS)]
    days = [first + timedelta(days=random.randrange(300)) for _ in range(_QUESTIONS)]
    begun = perf_counter()
    answers = [table.look_up(code, on) for code, on in zip(asked, days, strict=True)]
    took = perf_counter() - begun
    known = dict.fromkeys(codes, True)
    begun = perf_counter()
    plain = [known.get(code, False) for code, _ in zip(asked, days, strict=True)]
    bare = perf_counter() - begun
    if any(isinstance(answer, Valid) and not there for answer, there in zip(answers, plain, strict=True)):
        raise NotVerified("a code that does not exist was found")
    return {"codeset_look_ups": Figure(value=_QUESTIONS / took, unit="look-ups/s", baseline=_QUESTIONS / bare)}


if __name__ == "__main__":
    report("Code sets", measure())
