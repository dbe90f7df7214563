"""Programs around the services; they reach them through HTTP and topics only."""
