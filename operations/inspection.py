"""What a look before a deployment found. Tested in `tests/e2e/test_deploy.py`."""

from dataclasses import dataclass, field


@dataclass(kw_only=True)
class Inspection:
    """One line each, with its mend."""

    problems: list[str] = field(default_factory=list)
    """What stands in the way of the deployment."""
    notes: list[str] = field(default_factory=list)
    """What does not, and whoever deploys should know."""
