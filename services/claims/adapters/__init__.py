"""The outside world of claims: the clearinghouse."""
