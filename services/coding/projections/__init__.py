"""The questions that coding answers; one file per read model."""
