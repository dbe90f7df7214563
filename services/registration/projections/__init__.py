"""The questions that registration answers; one file per read model."""
