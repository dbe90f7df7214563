"""Asks linuxforhealth-x12 about files; run by the interpreter of `.venv-oracles`, as it needs an older pydantic.

Reads a JSON list of `{"text": …, "siblings": …}` from standard input and writes a JSON list of complaints, empty where
there is none. One process judges any number of files. With `siblings` the library's rule is off that takes the level
before, instead of the one above, for a level's parent in 270 and 271, and so refuses a second patient of one provider.
"""

import json
import logging
import sys
from typing import Any, Final

from linuxforhealth.x12.io import X12ModelReader
from linuxforhealth.x12.v5010.x12_270_005010X279A1.transaction_set import EligibilityInquiry
from linuxforhealth.x12.v5010.x12_271_005010X279A1.transaction_set import EligibilityBenefit

PARENT_RULE: Final = "validate_hierarchy_ids"
RULES: Final[dict[Any, list[Any]]] = {
    model: list(model.__post_root_validators__) for model in (EligibilityInquiry, EligibilityBenefit)
}


def complaint(text: str, *, siblings: bool) -> str:
    """Return why the library refuses a file, nothing where it takes it."""
    for model, rules in RULES.items():
        model.__post_root_validators__ = [rule for rule in rules if not (siblings and rule[1].__name__ == PARENT_RULE)]
    try:
        with X12ModelReader(text) as reader:
            return "" if list(reader.models()) else "no transaction set"
    except Exception as error:  # noqa: BLE001 (whatever it stumbles over, it did not find the file valid)
        return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    asked = json.load(sys.stdin)
    json.dump([complaint(each["text"], siblings=each["siblings"]) for each in asked], sys.stdout)
