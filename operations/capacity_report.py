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

from botocore.exceptions import BotoCoreError

from handlers.domain.capacity.packing import CapacityReport
from handlers.domain.config.applications import Application, load_applications
from handlers.domain.config.toml_reader import ConfigurationError
from handlers.domain.model.errors import ShingoError
from handlers.gateways.aws_clients import client
from handlers.gateways.cloudwatch import Metrics
from handlers.gateways.container_instances import ContainerInstances
from handlers.gateways.ecs import Ecs
from handlers.services.capacity import CapacityTools, measure_capacity
from handlers.slack.messages.capacity_text import LEGEND, cluster_lines, report_lines
from handlers.slack.messages.history_text import unknown_application
from operations.local_aws import aws_client
from operations.package import APPLICATIONS


def main(arguments: Sequence[str] | None = None) -> int:
    """Print it; return the process's exit status."""
    options = _options(arguments)
    try:
        wanted = _wanted(options.applications, options.application)
        tools = _tools(options.endpoint_url)
    except (OSError, LookupError, ConfigurationError, BotoCoreError) as error:
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
    parser.add_argument("--applications", type=Path, default=APPLICATIONS, help="another file")
    parser.add_argument("--endpoint-url", default="", help="the sandbox's address")
    return parser.parse_args(arguments)


def _wanted(path: Path, name: str) -> dict[str, Application]:
    """Read the configuration.

    Raises:
        LookupError: it has no application of that name.
    """
    known = load_applications(tomllib.loads(path.read_text()))
    if name and name not in known:
        raise LookupError(unknown_application(name, known))
    return {name: known[name]} if name else known


def _tools(endpoint: str) -> CapacityTools:
    if endpoint:
        ecs = aws_client("ecs", f"{endpoint.rstrip('/')}/ecs")
        cloudwatch = aws_client("cloudwatch", f"{endpoint.rstrip('/')}/cloudwatch")
    else:
        ecs, cloudwatch = client("ecs"), client("cloudwatch")
    return CapacityTools(
        ecs=Ecs(ecs), instances=ContainerInstances(ecs), metrics=Metrics(cloudwatch)
    )


if __name__ == "__main__":
    sys.exit(main())
