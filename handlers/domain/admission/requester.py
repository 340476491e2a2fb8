"""Whether anybody may answer what a requester asks for: their own approval does not count.

Tested in `test_prepare_refusals.py`.
"""

from collections.abc import Iterable

from handlers.domain.admission.rollout_request import InvalidInput, shown
from handlers.domain.config.applications import Application
from handlers.domain.config.approval_rules import is_answerable


def require_answerable(applications: Iterable[Application], requester: str) -> None:
    """Refuse a requester without whom too few people are left to approve.

    Raises:
        InvalidInput: with one line for every application whose questions would wait in vain.
    """
    problems = [
        f"requestedBy: found {shown(requester)}, expected somebody else: too few others may "
        f"approve {', '.join(colors)} of {application.name}"
        for application in applications
        if (colors := _unanswerable(application, requester))
    ]
    if problems:
        raise InvalidInput("\n".join(problems))


def _unanswerable(application: Application, requester: str) -> list[str]:
    return [c for c, rules in application.rules.items() if not is_answerable(rules, requester)]
