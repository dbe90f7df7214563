"""`python -m bench`: every measurement, into `var/bench.json`, and a table of each. 1: it does not count.

Next: `append.py` for the write path, `lifecycle.py` for the whole line, `bars.py` for what they have to reach.
"""

from bench import append, codesets, lifecycle, scrub
from bench.figures import report

counts = [
    report("Code sets", codesets.measure()),
    report("Scrub", scrub.measure()),
    report("Append", append.measure()),
]
lifecycle.main()
if not all(counts):
    raise SystemExit(1)
