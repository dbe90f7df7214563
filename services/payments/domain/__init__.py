"""The rules of payments as pure functions; one file per aggregate, and `ledger.py` for what every posting obeys."""
