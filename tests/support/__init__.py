"""What tests share: builders with valid defaults, a service in memory, oracles; imported by tests only."""
