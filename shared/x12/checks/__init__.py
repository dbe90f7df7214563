"""Files checked against the standard, the guides, their sums, and what clearinghouses refuse.

Read from the outside in: `checking.py` (a file), `envelopes.py` (ISA to IEA), `placing.py` and `syntax.py` (a set by
its guide's table), the rules over several segments (`levels.py`, `parties.py`, `claims.py`, `remittances.py`,
`acknowledgements.py`, `inquiries.py`, `code_sets.py`), `rules.py` (what each is called). The tables are in `guides/`.
"""

from shared.x12.checks.checking import check
from shared.x12.checks.finding import Finding, Rule, Severity
from shared.x12.checks.rules import RULES

__all__ = ["RULES", "Finding", "Rule", "Severity", "check"]
