"""Payments: what the money did, and who owes what. Start at `README.md`, then `main.py`."""
