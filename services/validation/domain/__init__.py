"""Scrubbing as pure functions: facts and looked-up codes in, findings and events out."""
