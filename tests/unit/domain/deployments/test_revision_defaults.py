import pytest

from handlers.domain.deployments.revision import is_same
from handlers.domain.deployments.revision_defaults import without_defaults
from tests.support.builders import a_task_definition


def definition(mode="bridge", **container):
    containers = [{"name": "app", "image": "api:v1", "memory": 512, **container}]
    return a_task_definition(networkMode=mode, containerDefinitions=containers)


@pytest.mark.parametrize(
    "filled",
    [
        {"systemControls": []},
        {"cpu": 0, "essential": True, "environment": [], "mountPoints": [], "volumesFrom": []},
        {"portMappings": [], "command": None, "linuxParameters": {"capabilities": {"add": []}}},
        {"readonlyRootFilesystem": False, "restartPolicy": {"enabled": False}},
    ],
)
def test_what_ecs_has_come_to_fill_in_changes_nothing(filled):
    older = definition()

    assert is_same(older, {**definition(**filled), "enableFaultInjection": False})


@pytest.mark.parametrize(
    ("given", "filled"),
    [
        (
            {"portMappings": [{"containerPort": 80}]},
            {"portMappings": [{"containerPort": 80, "hostPort": 0, "protocol": "tcp"}]},
        ),
        (
            {"healthCheck": {"command": ["CMD", "true"]}},
            {"healthCheck": {"command": ["CMD", "true"], "interval": 30, "retries": 3}},
        ),
        (
            {"environment": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]},
            {"environment": [{"name": "B", "value": "2"}, {"name": "A", "value": "1"}]},
        ),
    ],
)
def test_a_default_or_another_order_changes_nothing(given, filled):
    assert is_same(definition(**given), definition(**filled))


def test_with_an_address_of_its_own_a_tasks_host_port_goes_without_saying():
    given = {"portMappings": [{"containerPort": 80}]}
    filled = {"portMappings": [{"containerPort": 80, "hostPort": 80, "protocol": "tcp"}]}

    assert is_same(definition("awsvpc", **given), definition("awsvpc", **filled))
    assert not is_same(definition("bridge", **given), definition("bridge", **filled))


@pytest.mark.parametrize(
    "container",
    [
        {"essential": False},
        {"cpu": 1},
        {"environment": [{"name": "DEBUG", "value": ""}]},
        {"linuxParameters": {"swappiness": 0}},
        {"dockerLabels": {"protocol": "tcp"}},
        {"logConfiguration": {"logDriver": "fluentd", "options": {"protocol": "tcp"}}},
        {"command": ["b", "a"]},
    ],
)
def test_what_means_something_is_never_left_out(container):
    assert not is_same(definition(), definition(**container))


def test_the_order_of_a_command_counts_and_what_was_given_is_left_as_it_was():
    given = definition(command=["b", "a"], environment=[{"name": "B"}, {"name": "A"}])

    assert without_defaults(given)["containerDefinitions"][0]["command"] == ["b", "a"]
    assert given == definition(command=["b", "a"], environment=[{"name": "B"}, {"name": "A"}])
