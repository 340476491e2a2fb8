"""Prints what tasks reserve and use: `python -m operations.capacity_report [--application api]`.

Asks ECS and CloudWatch about the applications of `definitions/applications.toml`, with the
credentials and the region that the AWS CLI would use, and changes nothing; or with
`--endpoint-url` those of a sandbox (`page` in what `make sandbox` prints).

Tested in `tests/e2e/test_ways_in.py`.
"""

import argparse
import sys
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from handlers.domain.capacity.packing import CapacityReport
from handlers.domain.config.applications import Application, load_applications
from handlers.domain.config.toml_reader import ConfigurationError
from handlers.domain.model.errors import ShingoError
from handlers.gateways.aws_clients import CONFIG
from handlers.gateways.cloudwatch import Metrics
from handlers.gateways.container_instances import ContainerInstances
from handlers.gateways.ecs import Ecs
from handlers.services.capacity import CapacityTools, measure_capacity
from handlers.slack.messages.capacity_text import LEGEND, cluster_lines, report_lines
from handlers.slack.messages.history_text import unknown_application
from operations.deployed_stack import deployed_applications, session_in
from operations.local_aws import aws_client
from operations.package import APPLICATIONS


def main(arguments: Sequence[str] | None = None) -> int:
    """Print it; return the process's exit status."""
    options = _options(arguments)
    try:
        wanted = _wanted(options)
        tools = _tools(options)
    except (OSError, LookupError, ConfigurationError, BotoCoreError, ClientError) as error:
        print(error.args[0] if isinstance(error, LookupError) else error, file=sys.stderr)
        return 1
    found, problems = _gathered(wanted, tools)
    for each in found:
        print("\n".join(report_lines(each)), end="\n\n")
    for cluster in dict.fromkeys(each.cluster for each in found):
        print(
            "\n".join(cluster_lines(cluster, [each for each in found if each.cluster == cluster]))
        )
    if found:
        print(f"\n{LEGEND}")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def _gathered(
    wanted: Mapping[str, Application], tools: CapacityTools
) -> tuple[list[CapacityReport], list[str]]:
    found, problems = [], []
    for name, application in wanted.items():
        try:
            found.append(measure_capacity(application, tools, datetime.now(UTC)))
        except ShingoError as error:
            problems.append(f"{name} could not be looked at: {error}")
    return found, problems


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make capacity-report", description=(__doc__ or "").partition("\n\nTested")[0]
    )
    parser.add_argument("--application", default="", help="only this one")
    parser.add_argument("--applications", type=Path, help="another file than the project's")
    parser.add_argument("--stack", default="", help="those that this stack was deployed with")
    parser.add_argument("--region", default="", help="the region that they are in")
    parser.add_argument("--endpoint-url", default="", help="the sandbox's address")
    return parser.parse_args(arguments)


def _wanted(options: argparse.Namespace) -> dict[str, Application]:
    """Read the configuration: a file's, or else what a stack was deployed with.

    Raises:
        LookupError: it has no application of that name, or the stack carries none.
    """
    name = options.application
    if options.stack and not options.applications:
        document = deployed_applications(session_in(options.region), options.stack)
    else:
        document = tomllib.loads((options.applications or APPLICATIONS).read_text())
    known = load_applications(document)
    if name and name not in known:
        raise LookupError(unknown_application(name, known))
    return {name: known[name]} if name else known


def _tools(options: argparse.Namespace) -> CapacityTools:
    if endpoint := options.endpoint_url:
        ecs = aws_client("ecs", f"{endpoint.rstrip('/')}/ecs")
        cloudwatch = aws_client("cloudwatch", f"{endpoint.rstrip('/')}/cloudwatch")
    else:
        session = session_in(options.region)
        ecs = session.client("ecs", config=CONFIG)
        cloudwatch = session.client("cloudwatch", config=CONFIG)
    return CapacityTools(
        ecs=Ecs(ecs), instances=ContainerInstances(ecs), metrics=Metrics(cloudwatch)
    )


if __name__ == "__main__":
    sys.exit(main())
