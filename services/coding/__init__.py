"""Coding: what was done in a visit and why, in codes valid on its date. Start at `README.md`, then `main.py`."""
