"""`python -m bench`: every measurement, into `var/bench.json`, and a table of each.

Next: `lifecycle.py` for the whole line; the others take seconds.
"""

from bench import codesets, lifecycle, scrub
from bench.figures import report

report("Code sets", codesets.measure())
report("Scrub", scrub.measure())
lifecycle.main()
