"""The outside world, as payments meets it."""
