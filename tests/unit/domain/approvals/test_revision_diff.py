"""What changes between two revisions, told by name and never by a value that may be secret."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.domain.approvals.revision_diff import (
    MAX_LINES,
    NO_CHANGES,
    changes_summary,
    revision_changes,
)
from handlers.domain.deployments.revision import NOT_READ, with_images
from simulator.example_release import NEW_DIGEST, OLD_DIGEST, REGISTRY, image
from tests.support.builders import a_task_definition

ELSEWHERE = REGISTRY.replace("123456789012", "999999999999")


def a_container(**given):
    return {"name": "app", "image": image(OLD_DIGEST), "memory": 512} | given


def definition(*containers, **given):
    return a_task_definition(containerDefinitions=list(containers or (a_container(),)), **given)


def named(**values):
    return [{"name": name, "value": value} for name, value in values.items()]


def secrets(**places):
    return [{"name": name, "valueFrom": place} for name, place in places.items()]


def changed(**container):
    return revision_changes(definition(), definition(a_container(**container)))


def test_a_new_image_is_told_by_the_beginning_of_its_digest():
    before = a_task_definition()

    lines = revision_changes(before, with_images(before, {"app": image(NEW_DIGEST)}))

    assert lines == ("app: image 111111111111 → 222222222222",)


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ("envoy:v1.30", "envoy:v1.31", "envoy:v1.30 → envoy:v1.31"),
        ("r/api:v1", f"r/api@{NEW_DIGEST}", "api:v1 → 222222222222"),
        (f"r/api@{OLD_DIGEST}", f"r/web@{NEW_DIGEST}", "r/api@111111111111 → r/web@222222222222"),
        (
            f"{REGISTRY}/api@{OLD_DIGEST}",
            f"docker.io/library/api@{NEW_DIGEST}",
            f"{REGISTRY}/api@111111111111 → docker.io/library/api@222222222222",
        ),
        (
            f"{REGISTRY}/api@{OLD_DIGEST}",
            f"{ELSEWHERE}/api@{OLD_DIGEST}",
            f"{REGISTRY}/api@111111111111 → {ELSEWHERE}/api@111111111111",
        ),
        (
            f"{REGISTRY}/api@{OLD_DIGEST}",
            f"123456789012.dkr-ecr.ap-northeast-1.on.aws/api@{NEW_DIGEST}",
            "111111111111 → 222222222222",
        ),
        ("$" + "IMAGE", "r/api:v1", "$" + "IMAGE → r/api:v1"),
        (f"r/api:v1@{OLD_DIGEST}", f"r/api:v2@{OLD_DIGEST}", "changed"),
    ],
)
def test_an_image_is_told_by_what_is_different_of_it(before, after, line):
    lines = revision_changes(
        definition(a_container(image=before)), definition(a_container(image=after))
    )

    assert lines == (f"app: image {line}",)


def test_the_same_revision_changes_nothing():
    assert revision_changes(a_task_definition(41), a_task_definition(42)) == (NO_CHANGES,)


def test_what_could_not_be_read_of_either_is_said():
    before, after = definition(**{NOT_READ: ["a.b", "c"]}), definition(**{NOT_READ: ["c"]})

    assert revision_changes(before, after) == (
        "not compared, since boto3 does not know it: a.b, c",
    )


def test_what_is_absent_and_what_is_empty_are_the_same():
    before = definition(a_container(environment=[], cpu=0), volumes=[])

    assert revision_changes(before, definition(a_container())) == (NO_CHANGES,)


def test_names_of_environment_variables_are_told_and_never_their_values():
    before = definition(a_container(environment=named(LEVEL="info", OLD="a", SAME="b")))
    after = definition(a_container(environment=named(SAME="b", LEVEL="debug", NEW="c")))

    assert revision_changes(before, after) == (
        "app: environment: NEW added, OLD removed, LEVEL changed",
    )


def test_names_of_secrets_are_told_and_never_where_they_come_from():
    before = definition(a_container(secrets=secrets(DB="/db/old", GONE="/gone")))
    after = definition(a_container(secrets=secrets(DB="/db/new", KEY="/key")))

    assert revision_changes(before, after) == ("app: secrets: KEY added, GONE removed, DB changed",)


def test_a_variable_that_becomes_a_secret_is_told_as_both():
    before = definition(a_container(environment=named(PASSWORD="hunter2")))
    after = definition(a_container(secrets=secrets(PASSWORD="/db/password")))

    assert revision_changes(before, after) == (
        "app: environment: PASSWORD removed",
        "app: secrets: PASSWORD added",
    )


@pytest.mark.parametrize(
    ("container", "line"),
    [
        ({"cpu": 256}, "cpu none → 256"),
        ({"memory": 1024}, "memory 512 → 1024"),
        ({"memoryReservation": 128}, "memory reservation none → 128"),
        ({"portMappings": [{"containerPort": 8080}]}, "ports none → 8080/tcp"),
        (
            {"portMappings": [{"containerPort": 53, "hostPort": 53, "protocol": "udp"}]},
            "ports none → 53/udp on 53",
        ),
        ({"command": ["serve", "--key=hunter2"]}, "command changed"),
        ({"entryPoint": ["sh"], "healthCheck": {}, "user": "1"}, "entryPoint, user changed"),
        ({"logConfiguration": {"logDriver": "awslogs"}}, "log driver none → awslogs"),
    ],
)
def test_what_else_a_container_is_told_by(container, line):
    assert changed(**container) == (f"app: {line}",)


def test_log_options_are_told_by_name_alone():
    log = {
        "logDriver": "splunk",
        "options": {"splunk-token": "hunter2", "splunk-url": "u"},
        "secretOptions": secrets(ca="/splunk/ca"),
    }
    before = {"logDriver": "splunk", "options": {"splunk-token": "hunter1"}}

    lines = revision_changes(
        definition(a_container(logConfiguration=before)),
        definition(a_container(logConfiguration=log)),
    )

    assert lines == (
        "app: log options: splunk-url added, splunk-token changed",
        "app: secret log options: ca added",
    )


@pytest.mark.parametrize(
    ("task", "line"),
    [
        ({"cpu": "512"}, "cpu none → 512"),
        ({"taskRoleArn": "arn:aws:iam::1:role/teams/web"}, "task role none → web"),
        ({"executionRoleArn": "arn:aws:iam::1:role/pull"}, "execution role none → pull"),
        ({"volumes": [{"name": "cache", "host": {"sourcePath": "/c"}}]}, "volumes: cache added"),
        ({"networkMode": "awsvpc"}, "networkMode changed"),
        ({"tags": [{"key": "CostCenter", "value": "42"}]}, "tags: CostCenter added"),
        ({"pidMode": "task", "ipcMode": "task"}, "pidMode, ipcMode changed"),
    ],
)
def test_what_a_task_is_told_by(task, line):
    assert revision_changes(definition(), definition(**task)) == (line,)


def test_a_role_of_the_same_name_elsewhere_is_told_as_changed():
    one, other = "arn:aws:iam::1:role/a/web", "arn:aws:iam::1:role/b/web"

    lines = revision_changes(definition(taskRoleArn=one), definition(taskRoleArn=other))

    assert lines == ("task role changed",)


def test_containers_that_come_and_go_are_told_first():
    proxy, agent = a_container(name="proxy"), a_container(name="agent")

    lines = revision_changes(
        definition(a_container(), proxy), definition(a_container(memory=600), agent)
    )

    assert lines == (
        "container agent is new",
        "container proxy is gone",
        "app: memory 512 → 600",
    )


def test_images_are_told_before_everything_else():
    before = definition(a_container(memory=1), a_container(name="b"))
    after = definition(a_container(memory=2), a_container(name="b", image="b:v2"))

    assert revision_changes(before, after)[0].startswith("b: image ")


def test_many_names_are_counted():
    many = {f"NAME_{number:02}": "x" for number in range(20)}

    (line,) = changed(environment=named(**many))

    assert line.endswith("NAME_06, NAME_07 and 12 more added")


def test_many_lines_are_counted():
    many = [a_container(name=f"c{number}") for number in range(100)]

    lines = revision_changes(definition(), definition(*many))

    assert len(lines) == MAX_LINES
    assert lines[-1] == "and 72 more differences"


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        ((), ""),
        (("app: image 1 → 2",), "app: image 1 → 2"),
        (("app: image 1 → 2", "a", "b"), "app: image 1 → 2, and 2 more"),
    ],
)
def test_the_summary_is_one_line(lines, line):
    assert changes_summary(lines) == line


values = st.integers(0, 99).map(lambda number: f"hidden-{number:02}")
names = st.sampled_from(["A", "B", "C"])
pairs = st.dictionaries(names, values)
containers = st.fixed_dictionaries(
    {
        "environment": pairs.map(lambda found: named(**found)),
        "secrets": pairs.map(lambda found: secrets(**found)),
        "command": st.lists(values, max_size=2),
        "entryPoint": st.lists(values, max_size=2),
        "environmentFiles": values.map(lambda value: [{"value": value, "type": "s3"}]),
        "healthCheck": values.map(lambda value: {"command": [value]}),
        "dockerLabels": pairs,
        "logConfiguration": st.fixed_dictionaries(
            {
                "logDriver": st.just("awslogs"),
                "options": pairs,
                "secretOptions": pairs.map(lambda found: secrets(**found)),
            }
        ),
    }
)
tasks = st.builds(
    lambda container, value: definition(
        a_container(**container),
        volumes=[{"name": "v", "host": {"sourcePath": value}}],
        proxyConfiguration={"containerName": value},
    ),
    containers,
    values,
)


@given(tasks, tasks)
def test_no_value_is_ever_told(before, after):
    lines = revision_changes(before, after)

    assert "hidden" not in "\n".join(lines)
    assert (lines == (NO_CHANGES,)) == (before == after)
