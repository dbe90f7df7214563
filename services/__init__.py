"""The deployable services, one per stage of the revenue cycle; none imports another."""
