"""What people work in: pages over the HTTP APIs of the five services, one session to a person; see README.md."""
