"""Read models: what we know of other services' facts, and what came of our scrubs; one file each."""
