"""Measurements: each beside its baseline in the same run, checked before it is reported. Start at `__main__.py`."""
