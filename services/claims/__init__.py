"""Claims: what is asked of which payer, how it gets there, and what the front end answers. Start at `README.md`."""
