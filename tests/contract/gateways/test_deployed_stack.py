"""What is read of a deployed stack, through botocore's stubs."""

import io
import json
import zipfile

import pytest
from botocore.response import StreamingBody

from operations.deployed_stack import (
    deployed_applications,
    deployed_table,
    session_in,
    stack_resources,
)


def summaries(*names):
    told = {"ResourceType": "AWS::DynamoDB::Table", "ResourceStatus": "CREATE_COMPLETE"}
    seen = {"LastUpdatedTimestamp": "2026-11-23T09:00:00Z", **told}
    return [{"LogicalResourceId": n, "PhysicalResourceId": f"shingo-{n}", **seen} for n in names]


@pytest.fixture
def cloudformation(stubbed):
    """Have a stack of 230 resources, the audit last, a hundred a page."""
    client, stub = stubbed("cloudformation")
    names = [f"Resource{number}" for number in range(229)] + ["Audit"]
    for start, token in ((0, "1"), (100, "2"), (200, "")):
        page = {"StackResourceSummaries": summaries(*names[start : start + 100])}
        stub.add_response("list_stack_resources", page | ({"NextToken": token} if token else {}))
    return client


def test_all_resources_of_a_stack_are_read(cloudformation):
    assert len(list(stack_resources(cloudformation, "shingo"))) == 230


def test_a_table_is_found_beyond_the_first_hundred_resources(cloudformation):
    assert deployed_table(cloudformation, "shingo", "Audit") == "shingo-Audit"


def test_a_table_that_is_not_there_is_told(cloudformation):
    with pytest.raises(LookupError, match="stack shingo has no table Locks"):
        deployed_table(cloudformation, "shingo", "Locks")


@pytest.mark.parametrize(
    ("said", "variables", "region"),
    [
        ("eu-west-1", {"AWS_REGION": "us-east-1"}, "eu-west-1"),
        ("", {"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-west-2"}, "us-east-1"),
        ("", {"AWS_DEFAULT_REGION": "us-west-2"}, "us-west-2"),
    ],
)
def test_the_region_is_the_one_that_is_said_or_that_the_aws_cli_would_use(
    monkeypatch, said, variables, region
):
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert session_in(said).region_name == region


class Session:
    def __init__(self, **clients):
        self.client = clients.__getitem__


def carrying(stubbed, **files):
    """Return the session of an account whose stack was deployed with a package of these files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        for name, text in files.items():
            package.writestr(f"{name}.toml", text)
    code = {"S3Bucket": "mine", "S3Key": "staging/1.zip"}
    template = {"Resources": {"PrepareRollout": {"Properties": {"Code": code}}}}
    cloudformation, stub = stubbed("cloudformation")
    stub.add_response("get_template", {"TemplateBody": json.dumps(template)})
    s3, stub = stubbed("s3")
    body = StreamingBody(io.BytesIO(packed.getvalue()), len(packed.getvalue()))
    stub.add_response("get_object", {"Body": body}, {"Bucket": "mine", "Key": "staging/1.zip"})
    return Session(cloudformation=cloudformation, s3=s3)


def test_the_applications_are_those_that_the_stack_was_deployed_with(stubbed):
    session = carrying(stubbed, applications='[shop]\ncluster = "shops"\n')

    assert deployed_applications(session, "staging") == {"shop": {"cluster": "shops"}}


def test_a_package_without_applications_is_told(stubbed):
    session = carrying(stubbed, clusters="")

    with pytest.raises(LookupError, match=r"staging was deployed without applications\.toml"):
        deployed_applications(session, "staging")
