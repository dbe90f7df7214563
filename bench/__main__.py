"""`python -m bench`: every measurement, into `var/bench.json`, with a table of each. Exit code 1: one does not count.

`--small` takes a tenth of everything: to see that it works, not to compare. Next: `append.py` for the write path,
`http.py` for what is in front of it, `log.py` for what is between stores, `lifecycle.py` for the whole line, `bars.py`
for what they have to reach.
"""

import argparse

from bench import (
    append,
    bulk,
    codesets,
    consistency,
    http,
    lifecycle,
    log,
    pair_edits,
    projection,
    rebuild,
    scrub,
    serving_rebuild,
    simulator,
    x12,
)
from bench.figures import FILE, report
from tools.kafka.node import missing_tools

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--small", action="store_true", help="a tenth of everything")
share = 10 if parser.parse_args().small else 1
FILE.unlink(missing_ok=True)
counts = [
    report("Code sets", codesets.measure()),
    report("Pair edits", pair_edits.measure()),
    report("Scrub", scrub.measure()),
    report("X12", x12.measure(number=x12.CLAIMS // share, large_bytes=x12.LARGE_BYTES // share)),
    report("Simulator", simulator.measure(number=simulator.CLAIMS // share)),
    report("Append", append.measure(seconds=3.0 / share**0.5)),
    report("HTTP", http.measure(requests=6_000 // share)),
    report("Consistency", consistency.measure(pairs=1_000 // share)),
    report("Bulk", bulk.measure(encounters=60_000 // share)),
    report("Read models", projection.measure(claims=20_000 // share)),
    report("Rebuild", rebuild.measure(events=1_000_000 // share)),
    report("Rebuild beside writing", serving_rebuild.measure(events=300_000 // share)),
]
if missing_tools():
    print(f"no Kafka here, because {' and '.join(missing_tools())} is missing: its figures are left out")
else:
    counts.append(report("Log", log.measure(claims=8_000 // share)))
counts.append(lifecycle.main(["--encounters", str(20_000 // share)]))
if not all(counts):
    raise SystemExit(1)
