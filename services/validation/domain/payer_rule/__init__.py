"""Rules of payers that users write: a language of conditions over a claim, drafts with their cases, what is in force.

`condition.py` is what a user may say, `reading.py` refuses what makes no sense, `judging.py` judges, `draft.py` and
`in_force.py` decide. docs/payer-rules.md tells it with an example.
"""
