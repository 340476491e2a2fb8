"""How long a test waits for what must come: no machine is so busy that it takes longer."""

PATIENCE = 300.0
"""Seconds. What is to come in time is tested on virtual time."""
