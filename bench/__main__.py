"""`python -m bench`: every measurement, into `var/bench.json`, with a table of each. Exit code 1: one does not count.

Next: `append.py` for the write path, `log.py` for what is between stores, `lifecycle.py` for the whole line, `bars.py`
for what they have to reach.
"""

from bench import append, codesets, lifecycle, log, projection, rebuild, scrub
from bench.figures import report
from tools.kafka.node import missing_tools

counts = [
    report("Code sets", codesets.measure()),
    report("Scrub", scrub.measure()),
    report("Append", append.measure()),
    report("Read models", projection.measure()),
    report("Rebuild", rebuild.measure()),
]
if missing_tools():
    print(f"no Kafka here, because {' and '.join(missing_tools())} is missing: its figures are left out")
else:
    counts.append(report("Log", log.measure()))
counts.append(lifecycle.main([]))
if not all(counts):
    raise SystemExit(1)
