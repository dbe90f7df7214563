"""The command line `claimlog`: HTTP, or a program that it starts."""
