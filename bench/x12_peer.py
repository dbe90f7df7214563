"""One library reads one file of claims. Runs in .venv-bench, apart from the product.

    .venv-bench/bin/python bench/x12_peer.py openx12 835 FILE

Prints seconds of CPU, the best of several turns with the bare split of the same file. Each library is asked for what it
gives at its best: openx12 dictionaries, x12-edi-tools claims without their lines (of an 837 only segments by kind),
edi-835-parser loops, pyx12 only checked segments. Nothing imports this module: what it imports itself is not installed
beside the product.
"""

import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Final

TURNS: Final = 3


def _openx12(kind: str, path: str) -> None:
    from openx12 import x835, x837p  # noqa: PLC0415 (one of four, the others may be missing)

    (x835 if kind == "835" else x837p).parse(Path(path).read_text()).claims  # noqa: B018 (a property that computes)


def _x12_edi_tools(kind: str, path: str) -> None:
    from x12_edi_tools.remittance_advise_parser import RemittanceAdviceParser  # noqa: PLC0415 (as above)
    from x12_edi_tools.x12_parser import X12Parser  # noqa: PLC0415 (as above)

    (RemittanceAdviceParser if kind == "835" else X12Parser)().parse(Path(path).read_text())


def _edi_835_parser(_: str, path: str) -> None:
    from edi_835_parser import parse  # noqa: PLC0415 (as above)

    parse(path)


def _pyx12(_: str, path: str) -> None:
    from pyx12.x12file import X12Reader  # noqa: PLC0415 (as above)

    with X12Reader(path) as reader:
        for _segment in reader:
            pass


def _split(_: str, path: str) -> None:
    for segment in Path(path).read_text().split("~"):
        segment.split("*")


PEERS: Final[dict[str, Callable[[str, str], None]]] = {
    "openx12": _openx12,
    "x12-edi-tools": _x12_edi_tools,
    "edi-835-parser": _edi_835_parser,
    "pyx12": _pyx12,
}


def _seconds(read: Callable[[str, str], None], kind: str, path: str) -> float:
    begun = process_time()
    read(kind, path)
    return process_time() - begun


def main() -> None:
    """Read, and print how long it took."""
    peer, kind, path = sys.argv[1:]
    logging.disable(logging.CRITICAL)
    turns = [(_seconds(PEERS[peer], kind, path), _seconds(_split, kind, path)) for _ in range(TURNS)]
    print(json.dumps({"seconds": min(turn[0] for turn in turns), "split_seconds": min(turn[1] for turn in turns)}))


if __name__ == "__main__":
    main()
