"""Step Functions on virtual time. Tested in `tests/contract/stepfunctions`."""
