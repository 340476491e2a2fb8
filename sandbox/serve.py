"""Keep the sandbox up until interrupted: `make sandbox`.

Prints one line of JSON with every address and the sandbox's Slack signing secret; from then
on everything answers boto3, the AWS CLI and plain HTTP from outside.
"""

import json
import signal
import sys
from contextlib import ExitStack
from threading import Event
from typing import Final

from rich.console import Console

from operations.local_aws import ACCOUNT, REGION
from sandbox.host.running_sandbox import running_sandbox
from sandbox.host.sandbox import Sandbox

_HINT: Final = """
The Slack channel: [bold underline]{page}[/]
Try [bold]/rollout api v1.42.0 faster search[/] there as alice, and answer as bob.
Everything above answers boto3, the AWS CLI and plain HTTP. Ctrl-C ends the sandbox."""


def main() -> int:
    """Run until SIGINT or SIGTERM."""
    over = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    console = Console(stderr=True, highlight=False)
    with ExitStack() as stack:
        with console.status("starting the sandbox") as status:
            opening = running_sandbox(progress=lambda doing: status.update(f"{doing} ..."))
            sandbox = stack.enter_context(opening)
        print(json.dumps(addresses(sandbox)), flush=True)
        console.print(_HINT.format(page=sandbox.address))
        over.wait()
    return 0


def addresses(sandbox: Sandbox) -> dict[str, str]:
    """Say where everything answers."""
    return {
        "aws_endpoint": sandbox.stack.endpoint,
        "ecs_endpoint": sandbox.ecs_endpoint,
        "elb_endpoint": f"{sandbox.address}/elb",
        "region": REGION,
        "account": ACCOUNT,
        "state_machine_arn": sandbox.stack.state_machine_arn,
        "slack_commands_url": sandbox.stack.commands_url,
        "slack_interactions_url": sandbox.stack.interactions_url,
        "approvals_url": f"{sandbox.stack.api_url}/approvals",
        "page": sandbox.address,
        "slack_signing_secret": sandbox.workspace.signing_secret,
    }


if __name__ == "__main__":
    sys.exit(main())
