"""Registration: who the patients are, who insures them, who treats them. Start at `README.md`, then `main.py`."""
