"""Rollouts on virtual time, with faults. Tested in `tests/simulation`."""
