"""One real Kafka node on this machine, without containers. Needs Java 17 and Maven; `make kafka` runs it."""
