import boto3
import pytest

from handlers.domain.deployments.revision import (
    NOT_READ,
    OF_ECS_ALONE,
    REGISTERED,
    is_same,
    with_images,
)
from handlers.domain.model.errors import NotThere
from simulator.example_release import NEW_DIGEST, OLD_DIGEST, image
from tests.support.builders import a_task_definition

TAGS = [{"key": "Environment", "value": "Production"}, {"key": "CostCenter", "value": "42"}]


def test_a_new_revision_differs_from_its_base_in_the_image_alone():
    base = a_task_definition(cpu="256", taskRoleArn="arn:aws:iam::123456789012:role/api")

    wanted = with_images(base, {"app": image(NEW_DIGEST)})

    app, proxy = wanted["containerDefinitions"]
    assert app == {"name": "app", "image": image(NEW_DIGEST), "memory": 512}
    assert proxy == base["containerDefinitions"][1]
    assert (wanted["family"], wanted["cpu"]) == ("api", "256")
    assert wanted["taskRoleArn"] == base["taskRoleArn"]


def test_several_images_change_together():
    wanted = with_images(a_task_definition(), {"app": "api:v2", "proxy": "envoy:v2"})

    assert [c["image"] for c in wanted["containerDefinitions"]] == ["api:v2", "envoy:v2"]


def test_the_base_is_left_as_it_was():
    base = a_task_definition()

    with_images(base, {"app": "api:v2"})

    assert base == a_task_definition()


def test_a_container_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(NotThere, match=r"^api:41 has no container main; it has app, proxy$"):
        with_images(a_task_definition(), {"main": "api:v2"})


def test_what_is_registered_is_what_ecs_takes_back_of_what_it_gives():
    model = boto3.client("ecs", region_name="ap-northeast-1").meta.service_model
    takes = set(model.operation_model("RegisterTaskDefinition").input_shape.members)
    gives = set(model.shape_for("TaskDefinition").members)

    # Tags are not part of what DescribeTaskDefinition calls the task definition.
    assert set(REGISTERED) == takes
    assert set(REGISTERED) | OF_ECS_ALONE == gives | {"tags"}
    wanted = with_images(dict.fromkeys(gives) | a_task_definition(tags=TAGS), {})
    assert set(wanted) == set(REGISTERED)


def test_a_base_of_which_something_could_not_be_read_is_refused_by_its_fields():
    lost = ["volumes[data].s3filesVolumeConfiguration", "futureField"]

    with pytest.raises(NotThere, match=r"without them: volumes\[data\]\.s3files.*, futureField;"):
        with_images(a_task_definition(**{NOT_READ: lost}), {"app": "api:v2"})


def test_one_of_which_something_could_not_be_read_is_the_same_as_none_without():
    unread = a_task_definition(**{NOT_READ: ["volumes[data].s3filesVolumeConfiguration"]})

    assert not is_same(unread, a_task_definition())


def test_tags_go_along_but_those_that_only_aws_may_set():
    of_the_stack = {"key": "aws:cloudformation:stack-name", "value": "shop"}
    in_capitals = {"key": "AWS:owner", "value": "shop"}
    base = a_task_definition(tags=[of_the_stack, *TAGS, in_capitals])

    assert with_images(base, {"app": "api:v2"})["tags"] == TAGS


def test_where_there_are_no_tags_none_are_set():
    of_the_stack = {"key": "aws:cloudformation:stack-name", "value": "shop"}

    assert "tags" not in with_images(a_task_definition(), {})
    assert "tags" not in with_images(a_task_definition(tags=[of_the_stack]), {})


def test_a_revision_of_another_cost_center_is_not_the_same():
    one = a_task_definition(tags=TAGS)
    by_aws = {"key": "aws:cloudformation:stack-name", "value": "shop"}

    assert is_same(one, a_task_definition(tags=[by_aws, *reversed(TAGS)]))
    assert not is_same(one, a_task_definition())
    assert not is_same(one, a_task_definition(tags=[{"key": "CostCenter", "value": "43"}]))


def test_the_same_under_another_number_is_the_same():
    one = a_task_definition(41, registeredBy="carol")
    other = a_task_definition(57, registeredBy="bob", status="INACTIVE")

    assert is_same(one, other)


def test_what_was_never_given_is_the_same_as_nothing_given():
    bare = a_task_definition()
    del bare["volumes"], bare["placementConstraints"]

    assert is_same(bare, a_task_definition(pidMode=None))


@pytest.mark.parametrize(
    "change",
    [
        {"digest": NEW_DIGEST},
        {"cpu": "512"},
        {"volumes": [{"name": "cache"}]},
        {"containerDefinitions": a_task_definition()["containerDefinitions"][:1]},
        {"runtimePlatform": {"cpuArchitecture": "ARM64"}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_would_run_differently_is_not_the_same(change):
    assert not is_same(a_task_definition(digest=OLD_DIGEST), a_task_definition(**change))
