"""Whether the codes of an encounter may be billed: scrub rules, findings, and the wait for the facts that they need."""
