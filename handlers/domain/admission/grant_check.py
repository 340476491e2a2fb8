"""Whether the deployment allows what a rollout will do with its task definitions.

Registering a revision passes its roles to ECS, and so does UpdateService, to a release and on the
way back (https://github.com/keidarcy/e1s/issues/429). What IAM would refuse only then is said
before anybody is asked.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from handlers.domain.config.applications import Application
from handlers.domain.config.grants import Grants
from handlers.domain.deployments.revision import TaskDefinition
from handlers.domain.model.rollout import short_name
from handlers.domain.verification.log_check import log_location

MEND: Final = (
    "`make deploy` allows what the services name now, and the newest revision of each family."
)

_ROLES: Final = {"executionRoleArn": "execution role", "taskRoleArn": "task role"}


def ungranted(
    definitions: Iterable[TaskDefinition], application: Application, grants: Grants, iam: str
) -> list[str]:
    """Name the roles that may not be passed and the log groups that may not be read.

    A log group counts where lines are looked for in it.

    Args:
        definitions: the task definitions that colors run, and those that they are to run.
        application: whose they are.
        grants: what the deployment allows.
        iam: how the ARNs of the account's roles begin.
    """
    found = [
        f"{short_name(definition['taskDefinitionArn'])} {problem}"
        for definition in definitions
        for problem in (
            *_roles(definition, grants, iam),
            *_log_group(definition, application, grants),
        )
    ]
    return list(dict.fromkeys(found))


def roles_of(definition: TaskDefinition, iam: str) -> dict[str, str]:
    """Return the ARNs of the roles that a task definition names, by what people call each.

    A role may be given by its name alone (API_RegisterTaskDefinition); its path is `/` then.
    """
    named = {what: str(definition.get(field) or "") for field, what in _ROLES.items()}
    return {
        what: role if role.startswith("arn:") else f"{iam}{role}"
        for what, role in named.items()
        if role
    }


def iam_of(arn: str) -> str:
    """Return how the ARNs of roles begin in the account of an ARN."""
    _, partition, _, _, account, *_ = arn.split(":")
    return f"arn:{partition}:iam::{account}:role/"


def _roles(definition: TaskDefinition, grants: Grants, iam: str) -> Iterator[str]:
    for what, role in roles_of(definition, iam).items():
        if role not in grants.task_roles:
            yield f"has the {what} {role}, which Shingo may not pass"


def _log_group(
    definition: TaskDefinition, application: Application, grants: Grants
) -> Iterator[str]:
    location = log_location(definition, application.container)
    if application.verification.logs and location and location.group not in grants.log_groups:
        yield f"logs to {location.group}, which Shingo may not read"
