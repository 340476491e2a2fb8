"""What `make deploy` says of the services of an account, through botocore's stubs."""

import pytest

from handlers.domain.config.grants import Grants
from operations.account import Account, inspect_account
from operations.artifacts import DeploymentTarget
from tests.contract.gateways.test_ecs import described_service
from tests.support.builders import OLD, a_task_definition, an_application


class StubbedSession:
    """A session whose clients are stubbed."""

    region_name = "ap-northeast-1"

    def __init__(self, stubbed):
        self._stubbed = stubbed
        self._made = {}

    def answers(self, service):
        return self._both(service)[1]

    def client(self, service):
        return self._both(service)[0]

    def _both(self, service):
        if service not in self._made:
            self._made[service] = self._stubbed(service)
        return self._made[service]


ROLE = "arn:aws:iam::123456789012:role"
LOG = {"logDriver": "awslogs", "options": {"awslogs-group": "/ecs/shop"}}
LOGGED = {"containerDefinitions": [{"name": "app", "image": "api:v1", "logConfiguration": LOG}]}


@pytest.fixture
def inspected(stubbed):
    """Inspect an account that has everything but what it is told of its services."""

    def inspect(*services):
        session = StubbedSession(stubbed)
        session.answers("s3").add_response("head_bucket", {})
        session.answers("ssm").add_response("get_parameters", {})
        session.answers("ecr").add_response("describe_repositories", {"repositories": []})
        ecs = session.answers("ecs")
        ecs.add_response("describe_services", {"services": list(services)})
        if any(each["deployments"] for each in services):
            runs = {"taskDefinition": a_task_definition(taskRoleArn="shop", **LOGGED)}
            newest = {"taskDefinition": a_task_definition(42, taskRoleArn=f"{ROLE}/team/shop")}
            ecs.add_response("describe_task_definition", runs, {"taskDefinition": OLD})
            ecs.add_response("describe_task_definition", newest, {"taskDefinition": "api"})
        target = DeploymentTarget(region="ap-northeast-1", account="123456789012", partition="aws")
        account = Account(target=target, caller="arn:aws:iam::123456789012:user/carol")
        inspect_account(session, account, {"api": an_application()}, "mine", ["token"])
        return account

    return inspect


def three(**red):
    return [described_service("api-red", **red)] + [
        described_service(f"api-{color}") for color in ("yellow", "green")
    ]


def test_services_that_ecs_rolls_are_no_problem(inspected):
    assert inspected(*three()).problems == []


def test_what_runs_and_the_newest_revision_of_its_family_say_what_is_allowed(inspected):
    found = inspected(*three())

    assert found.roles == [f"{ROLE}/shop", f"{ROLE}/team/shop"]
    assert found.grants == Grants(
        task_roles=frozenset(found.roles), log_groups=frozenset({"/ecs/shop"})
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"deploymentController": {"type": "CODE_DEPLOY"}, "deployments": []}, "by CODE_DEPLOY"),
        ({"deploymentController": {"type": "EXTERNAL"}, "deployments": []}, "by EXTERNAL"),
        ({"schedulingStrategy": "DAEMON"}, "by DAEMON"),
        ({"deploymentConfiguration": {"strategy": "BLUE_GREEN"}}, "by BLUE_GREEN"),
        (
            {"serviceArn": "arn:aws:ecs:ap-northeast-1:123456789012:service/api-red"},
            "expected one that names its cluster: migrate it, while it runs (https://docs.aws.",
        ),
        ({"loadBalancers": [{"loadBalancerName": "old"}]}, "behind a Classic Load Balancer (old)"),
    ],
    ids=["CODE_DEPLOY", "EXTERNAL", "DAEMON", "BLUE_GREEN", "short ARN", "classic"],
)
def test_a_service_that_cannot_be_rolled_out_is_named(inspected, given, said):
    services = three(**given)
    if not services[0]["deployments"]:
        del services[0]["taskDefinition"]

    (problem,) = inspected(*services).problems

    assert problem.startswith("api.services.red: api-red ")
    assert said in problem


def test_a_service_that_is_being_deleted_is_not_there(inspected):
    (problem,) = inspected(*three(status="INACTIVE", deployments=[])).problems

    assert problem == "api.services.red: cluster recipes has no service api-red"
