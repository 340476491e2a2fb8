"""ECS's tasks through botocore's stub: where they listen, and why they stopped."""

import pytest

from handlers.gateways.ecs import Ecs
from tests.support.builders import NEW

HOSTS = "arn:aws:ecs:ap-northeast-1:123456789012:container-instance/recipes"
TASKS = "arn:aws:ecs:ap-northeast-1:123456789012:task/recipes"


@pytest.fixture
def ecs(stubbed):
    client, stub = stubbed("ecs")
    gateway = Ecs(client)
    gateway.answers = stub
    return gateway


def a_described_task(number=1, **given):
    usual = {
        "taskArn": f"{TASKS}/{number:032x}",
        "taskDefinitionArn": NEW,
        "startedBy": "ecs-svc/2",
        "lastStatus": "RUNNING",
        "containerInstanceArn": f"{HOSTS}/a",
        "containers": [
            {"name": "app", "networkBindings": [{"containerPort": 8080, "hostPort": 32768}]}
        ],
    }
    return usual | given


def test_a_task_behind_a_host_port_is_named_by_its_host(ecs):
    ecs.answers.add_response(
        "list_tasks",
        {"taskArns": [f"{TASKS}/1"]},
        {"cluster": "recipes", "serviceName": "api-red", "desiredStatus": "RUNNING"},
    )
    ecs.answers.add_response(
        "describe_tasks",
        {"tasks": [a_described_task()]},
        {"cluster": "recipes", "tasks": [f"{TASKS}/1"]},
    )
    ecs.answers.add_response(
        "describe_container_instances",
        {"containerInstances": [{"containerInstanceArn": f"{HOSTS}/a", "ec2InstanceId": "i-0a"}]},
        {"cluster": "recipes", "containerInstances": [f"{HOSTS}/a"]},
    )

    task = ecs.tasks("recipes", "api-red")[0]

    assert task.endpoints == ("i-0a:32768",)
    assert task.container_instance == f"{HOSTS}/a"
    assert (task.status, task.started_by, task.task_definition) == ("RUNNING", "ecs-svc/2", NEW)


def test_a_task_with_an_address_of_its_own_needs_no_host(ecs):
    own = [{"name": "app", "networkInterfaces": [{"privateIpv4Address": "10.0.1.7"}]}]
    ecs.answers.add_response("list_tasks", {"taskArns": [f"{TASKS}/1"]})
    ecs.answers.add_response("describe_tasks", {"tasks": [a_described_task(containers=own)]})

    assert ecs.tasks("recipes", "api-red")[0].endpoints == ("10.0.1.7",)


def test_a_stopped_tasks_reason_names_its_containers_exit_codes(ecs):
    exited = [
        {"name": "app", "exitCode": 1, "reason": "CannotStartContainerError"},
        {"name": "proxy", "exitCode": 137},
        {"name": "init", "exitCode": 0},
    ]
    stopped = a_described_task(
        lastStatus="STOPPED", stoppedReason="Essential container in task exited", containers=exited
    )
    ecs.answers.add_response(
        "list_tasks",
        {"taskArns": [f"{TASKS}/1"]},
        {"cluster": "recipes", "serviceName": "api-red", "desiredStatus": "STOPPED"},
    )
    ecs.answers.add_response("describe_tasks", {"tasks": [stopped]})

    task = ecs.tasks("recipes", "api-red", stopped=True)[0]

    assert task.stopped_reason == (
        "Essential container in task exited "
        "(app: CannotStartContainerError 1, proxy: exit code 137)"
    )


def test_a_task_that_never_got_anywhere_is_still_told(ecs):
    bare = {"taskArn": f"{TASKS}/1", "taskDefinitionArn": NEW, "lastStatus": "PENDING"}
    ecs.answers.add_response("list_tasks", {"taskArns": [f"{TASKS}/1"]})
    ecs.answers.add_response("describe_tasks", {"tasks": [bare]})

    task = ecs.tasks("recipes", "api-red")[0]

    assert (task.status, task.endpoints, task.stopped_reason) == ("PENDING", (), "")


def test_a_tasks_health_is_what_its_containers_checks_say(ecs):
    given = a_described_task(containers=[], healthStatus="UNHEALTHY")

    assert described(ecs, given).health == "UNHEALTHY"


def test_many_tasks_are_listed_by_page_and_described_a_hundred_at_a_time(ecs):
    arns = [f"{TASKS}/{number}" for number in range(130)]
    ecs.answers.add_response("list_tasks", {"taskArns": arns[:100], "nextToken": "more"})
    ecs.answers.add_response(
        "list_tasks",
        {"taskArns": arns[100:]},
        {
            "cluster": "recipes",
            "serviceName": "api-red",
            "desiredStatus": "RUNNING",
            "nextToken": "more",
        },
    )
    for batch in (arns[:100], arns[100:]):
        tasks = [a_described_task(number, containers=[]) for number in range(len(batch))]
        ecs.answers.add_response(
            "describe_tasks", {"tasks": tasks}, {"cluster": "recipes", "tasks": batch}
        )

    assert len(ecs.tasks("recipes", "api-red")) == 130


def test_a_service_without_tasks_is_asked_about_once(ecs):
    ecs.answers.add_response("list_tasks", {"taskArns": []})

    assert ecs.tasks("recipes", "api-red") == []


def described(ecs, task, *hosts):
    """Have ECS describe one task, and its host where it is asked for; return it in our words."""
    ecs.answers.add_response("list_tasks", {"taskArns": [f"{TASKS}/1"]})
    ecs.answers.add_response("describe_tasks", {"tasks": [task]})
    for host in hosts:
        ecs.answers.add_response("describe_container_instances", {"containerInstances": host})
    return ecs.tasks("recipes", "api-red")[0]


def test_a_range_of_ports_has_no_host_port_and_names_no_target(ecs):
    bindings = [
        {"containerPort": 8080, "hostPort": 32768},
        {"containerPortRange": "10000-10010", "hostPortRange": "49153-49163"},
    ]
    host = [{"containerInstanceArn": f"{HOSTS}/a", "ec2InstanceId": "i-0a"}]
    given = a_described_task(containers=[{"name": "app", "networkBindings": bindings}])

    task = described(ecs, given, host)

    assert task.endpoints == ("i-0a:32768",)


@pytest.mark.parametrize(
    ("addresses", "endpoints"),
    [
        ({"ipv6Address": "2001:db8::1"}, ("[2001:db8::1]",)),
        (
            {"privateIpv4Address": "10.0.0.2", "ipv6Address": "2001:db8::2"},
            ("10.0.0.2", "[2001:db8::2]"),
        ),
        ({}, ()),
    ],
    ids=["IPv6 only", "dual stack", "not attached yet"],
)
def test_a_task_listens_at_each_of_its_own_addresses(ecs, addresses, endpoints):
    own = [{"name": "app", "networkInterfaces": [addresses]}]

    assert described(ecs, a_described_task(containers=own)).endpoints == endpoints


@pytest.mark.parametrize("field", ["taskArn", "taskDefinitionArn", "lastStatus", "containers"])
def test_a_task_is_told_whatever_its_description_lacks(ecs, field):
    bare = {key: each for key, each in a_described_task().items() if key != field}
    hosts = [] if field == "containers" else [[]]

    assert described(ecs, bare, *hosts).started_by == "ecs-svc/2"
