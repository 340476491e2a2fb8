"""The open rollouts of a stack that is deployed already: settings that they need must stay.

A removed application's services are in no policy any more, so that a rollout of it could not even
go back. Tested in `tests/unit/operations/test_open_rollouts.py`.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from handlers.domain.config.applications import Application
from handlers.domain.config.removed_application import removal
from handlers.domain.model.errors import ShingoError
from handlers.gateways.dynamodb_table import Table
from handlers.gateways.lock_store import Locks
from handlers.gateways.rollout_store import Rollouts
from operations.deployed_stack import stack_resources

TABLES: Final = ("Locks", "Rollouts")
"""Logical names of the tables that tell which rollouts are open."""


def open_rollout_problems(
    cloudformation: Any,  # noqa: ANN401 - a boto3 client, as the next
    dynamodb: Any,  # noqa: ANN401
    stack: str,
    applications: Mapping[str, Application],
) -> list[str]:
    """Name each open rollout whose application, cluster or service would be removed.

    Args:
        cloudformation: the client of the account.
        dynamodb: likewise.
        stack: the stack's name; of one that does not exist there is nothing to name.
        applications: what is to be deployed.
    """
    names = dict(_tables(cloudformation, stack))
    if not names.keys() >= set(TABLES):
        return []
    locks = Locks(Table(dynamodb, names["Locks"], "application"))
    rollouts = Rollouts(Table(dynamodb, names["Rollouts"]))
    try:
        return list(_problems(locks, rollouts, applications))
    except ShingoError as error:
        return [f"stack {stack}: whether a rollout is open could not be seen ({error})"]


def _problems(
    locks: Locks, rollouts: Rollouts, applications: Mapping[str, Application]
) -> Iterator[str]:
    for lock in locks.all():
        rollout = rollouts.get(lock.rollout)
        if rollout is None or not rollout.is_open:
            continue
        if why := removal(rollout, applications.get(rollout.application)):
            yield (
                f"rollout {rollout.id} is open: {why}; wait for its end, or "
                f"`/rollout cancel {rollout.application}`, and deploy then"
            )


def _tables(cloudformation: Any, stack: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    try:
        for resource in stack_resources(cloudformation, stack):
            is_there = resource["ResourceStatus"] != "DELETE_COMPLETE"
            if resource["LogicalResourceId"] in TABLES and is_there:
                yield resource["LogicalResourceId"], resource["PhysicalResourceId"]
    except cloudformation.exceptions.ClientError as error:
        if "does not exist" not in str(error):
            raise
