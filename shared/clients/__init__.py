"""How programs around the services speak to them: a thin typed HTTP client each; never used inside a command."""
