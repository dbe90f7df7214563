"""Rules of the contract with a payer: who is insured when, and how long the payer waits."""
