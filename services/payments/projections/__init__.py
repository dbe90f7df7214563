"""The questions that payments answers; one file per read model."""
