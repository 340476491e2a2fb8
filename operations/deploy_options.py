"""The variables of `make deploy`. Tested in `tests/e2e/test_deploy.py`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from operations.account import AccountNotReadyError
from operations.cloudformation import STACK
from operations.package import APPLICATIONS, CLUSTERS

REQUIRED: Final = {
    "BUCKET": "an S3 bucket of yours for the package, in the region of the deployment",
    "SLACK_CHANNEL": "the Slack channel of the boards, by id, such as C024BE91L",
    "SLACK_TEAM": "the Slack workspace, by id, such as T024BE7LD",
}
"""Variable → what is expected of it."""
SLACK_API: Final = "https://slack.com/api/"
_STACK: Final = re.compile(r"(?!aws|ssm)[a-z][a-z0-9-]{0,127}", re.IGNORECASE)
"""A stack's name (API_CreateChangeSet, `StackName`) that begins the names of its secrets: SSM takes
none that begins with `aws` or `ssm` (API_PutParameter, `Name`)."""
_EXAMPLE: Final = "make deploy BUCKET=my-artifacts SLACK_CHANNEL=C024BE91L SLACK_TEAM=T024BE7LD"


@dataclass(frozen=True, kw_only=True)
class DeployOptions:
    """What to deploy, as the variables say."""

    bucket: str
    channel: str
    team: str
    stack: str
    slack_api: str
    applications: Path
    clusters: Path
    sure: bool


def read_options(environment: Mapping[str, str]) -> DeployOptions:
    """Read the variables.

    Raises:
        NotReady: naming each that is missing, and what is expected of it.
    """
    wants = {name: what for name, what in REQUIRED.items() if not environment.get(name)}
    problems = [f"{name}: is not set, expected {what}" for name, what in wants.items()]
    files = {
        name: Path(environment.get(name) or usual)
        for name, usual in {"APPLICATIONS": APPLICATIONS, "CLUSTERS": CLUSTERS}.items()
    }
    problems += [
        f"{name}: there is no file {path}" for name, path in files.items() if not path.is_file()
    ]
    stack = environment.get("STACK") or STACK
    if not _STACK.fullmatch(stack):
        problems.append(
            f"STACK: found {stack!r}, expected a name of at most 128 letters, digits and hyphens "
            "that begins with a letter, and not with aws or ssm"
        )
    if problems:
        raise AccountNotReadyError("\n".join([*problems, f"For example: {_EXAMPLE}"]))
    return DeployOptions(
        bucket=environment["BUCKET"],
        channel=environment["SLACK_CHANNEL"],
        team=environment["SLACK_TEAM"],
        stack=stack,
        slack_api=(environment.get("SLACK_API_URL") or SLACK_API).rstrip("/") + "/",
        applications=files["APPLICATIONS"],
        clusters=files["CLUSTERS"],
        sure=environment.get("YES") == "1",
    )
