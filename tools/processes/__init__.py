"""What a cluster has, on this machine: a program for the API and one for the worker of each service, Kafka, PostgreSQL.

Start at `__main__.py`, the command; `installed.py` puts it together, `programs.py` starts and ends, `balancer.py`
stands before the replicas of an API, `rolling.py` restarts everything while it is asked.
"""
