"""The control's log lines, where its colors have task definitions and log groups of their own."""

import pytest

from handlers.domain.model.measurements import Lines, Unmeasured
from handlers.domain.model.outcomes import Verdict
from tests.support.builders import (
    a_color,
    a_deployment,
    a_service,
    a_task_definition,
    revision,
)
from tests.support.observations import AT_THE_END_OF_THE_BAKE, World, looked

OWN = {"yellow": revision(5, "api-yellow"), "green": revision(9, "api-green")}


@pytest.fixture
def world():
    """Have yellow and green run families of their own, each with a log group of its own."""
    made = World()
    for color, arn in OWN.items():
        options = made.logging["options"] | {"awslogs-group": f"/ecs/api-{color}"}
        described = a_task_definition(5, family=f"api-{color}") | {"taskDefinitionArn": arn}
        described["containerDefinitions"][0]["logConfiguration"] = made.logging | {
            "options": options
        }
        made.ecs.revisions[arn] = described
        running = a_deployment(id="ecs-svc/before", task_definition=arn, desired=1)
        made.ecs.known[f"api-{color}"] = a_service(running, color=color, desired=1)
    return made


def log_result(world):
    others = [a_color(color, previous=arn) for color, arn in OWN.items()]
    seen = looked(world, AT_THE_END_OF_THE_BAKE, *others)
    (found,) = [each for each in seen.results if each.check == "log errors"]
    return found


def test_lines_of_all_places_are_the_controls(world):
    world.lines |= {"yellow": Lines(count=3), "green": Lines(count=40)}

    found = log_result(world)

    assert (found.verdict, found.control) == (Verdict.HEALTHY, "43")


def test_more_lines_than_the_control_writes_in_all_places_are_seen(world):
    world.lines["red"] = Lines(count=500)

    assert log_result(world).verdict is Verdict.UNHEALTHY


def test_a_place_that_cannot_be_read_is_not_left_out(world):
    world.lines["green"] = Unmeasured(verdict=Verdict.ERROR, why="AccessDenied")

    found = log_result(world)

    assert found.verdict is Verdict.ERROR
    assert "AccessDenied" in found.detail


def test_a_place_that_was_too_long_to_read_leaves_it_unclear(world):
    world.lines["green"] = Lines(count=3, is_whole=False)

    assert log_result(world).verdict is Verdict.INCONCLUSIVE


def test_a_color_that_logs_elsewhere_is_none_to_compare_with(world):
    container = world.ecs.revisions[OWN["green"]]["containerDefinitions"][0]
    container["logConfiguration"] = {"logDriver": "awsfirelens"}

    assert log_result(world).control == "3"
