"""Code sets as of a date of service: pure look-ups over an opened buffer, and tables restated by hand.

Opening and mapping files is `a service's `main.py``. Every look-up ends in an `Answer` of `edition.py`.
"""
