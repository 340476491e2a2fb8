"""What a deployed stack has: its resources, and the settings that it was deployed with.

Tested in `tests/contract/gateways/test_deployed_stack.py` and `tests/e2e/test_deploy.py`.
"""

import io
import os
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

from boto3.session import Session

from operations.package import APPLICATIONS


def session_in(region: str) -> Session:
    """Return a session in a region; where none is said, in the one that the AWS CLI would use.

    boto3 reads AWS_DEFAULT_REGION alone; the AWS CLI reads AWS_REGION before it.
    """
    return Session(region_name=region or os.environ.get("AWS_REGION") or None)


def stack_resources(cloudformation: Any, stack: str) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401 - a boto3 client
    """Yield a stack's resources, all of them: DescribeStackResources stops at a hundred."""
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    for page in pages:
        yield from page["StackResourceSummaries"]


def deployed_table(cloudformation: Any, stack: str, name: str) -> str:  # noqa: ANN401 - likewise
    """Return the name of a stack's table, by its name in the template.

    Raises:
        LookupError: the stack has no such table.
    """
    return deployed_name(cloudformation, stack, f"table {name}")


def deployed_name(cloudformation: Any, stack: str, what: str) -> str:  # noqa: ANN401 - likewise
    """Return the name of a stack's resource, by its kind, for people, and its name in the template.

    Raises:
        LookupError: the stack has no such resource.
    """
    name = what.rpartition(" ")[2]
    for resource in stack_resources(cloudformation, stack):
        if resource["LogicalResourceId"] == name:
            return str(resource["PhysicalResourceId"])
    raise LookupError(f"stack {stack} has no {what}")


def deployed_applications(session: Session, stack: str) -> dict[str, Any]:
    """Return the document of applications that a stack's functions carry.

    Raises:
        LookupError: the stack's package has none.
    """
    template = session.client("cloudformation").get_template(
        StackName=stack, TemplateStage="Processed"
    )["TemplateBody"]
    code = template["Resources"]["PrepareRollout"]["Properties"]["Code"]
    stored = session.client("s3").get_object(Bucket=code["S3Bucket"], Key=code["S3Key"])
    with zipfile.ZipFile(io.BytesIO(stored["Body"].read())) as package:
        if APPLICATIONS.name not in package.namelist():
            raise LookupError(f"stack {stack} was deployed without {APPLICATIONS.name}")
        return tomllib.loads(package.read(APPLICATIONS.name).decode())
