"""The world of the example configuration."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox.world.example_world import example_world
from sandbox.world.image_behaviour import ImageBehaviours

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CONFIGURATION = Path(__file__).parents[3] / "definitions" / "applications.toml"


def test_every_color_is_steady_on_the_running_tag_when_it_is_handed_over():
    world = example_world(NOW, ImageBehaviours())

    views = {view.name: view for view in world.snapshot()}

    assert world.now == NOW
    assert {view.rollout for view in views.values()} == {"COMPLETED"}
    assert views["api-green"].running == {"api:1": 4}
    assert views["web-red"].targets == {"healthy": 1}
    assert world.next_event_at() is None
    assert world.take_events() == []


def test_it_has_the_services_that_the_configuration_names():
    applications = tomllib.loads(CONFIGURATION.read_text())

    names = {view.name for view in example_world(NOW, ImageBehaviours()).snapshot()}

    assert names == {
        f"{app}-{color}" for app in applications for color in ("red", "yellow", "green")
    }


@pytest.mark.parametrize(
    ("digests", "image"), [({}, "api:v1.41.0"), ({"api": "sha256:ab"}, "api@sha256:ab")]
)
def test_the_running_image_is_named_by_tag_or_pinned(digests, image):
    world = example_world(NOW, ImageBehaviours(), digests=digests)

    running = world.task_definitions.find("api").containers[0]["image"]

    assert running.endswith(f".amazonaws.com/{image}")


def test_equal_worlds_have_equal_histories():
    first, second = (example_world(NOW, ImageBehaviours()) for _ in range(2))

    assert first.snapshot() == second.snapshot()
