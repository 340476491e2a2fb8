"""`/rollout capacity`: what is asked of AWS is bounded, and Slack never waits for it."""

from threading import Event

import pytest

from handlers.domain.model.errors import Refused
from handlers.domain.model.measurements import Points
from handlers.services import capacity_answer
from tests.support.builders import OLD, a_deployment, a_task_definition, after
from tests.support.fake_ecs import FakeEcs, settled_services
from tests.support.sized import an_instance
from tests.support.slack_requests import command, shown_by


class Counting:
    """CloudWatch, which counts what it is asked."""

    def __init__(self):
        self.calls = 0

    def series(self, queries, start, end, period):
        self.calls += 1
        return {name: Points(values={after(hours=-1): 30.0}) for name in queries}


@pytest.fixture
def sized(outside):
    revision = a_task_definition(cpu="256", memory="512")
    services = settled_services(a_deployment(task_definition=OLD), launch_type="EC2")
    outside.ecs = FakeEcs(*services, revisions=[revision])
    outside.instances.known = [an_instance()]
    outside.metrics = Counting()
    return outside


def test_it_says_what_is_reserved_used_and_suggested(sized):
    said = shown_by(command("capacity api"))

    assert said.startswith("*api on recipes: what its tasks reserve and use*")
    assert "Suggested for all colors alike: 128 CPU units and 192 MiB" in said
    assert sized.executions.started == {}


def test_one_call_to_cloudwatch_is_enough(sized):
    shown_by(command("capacity api"))

    assert sized.metrics.calls == 1
    assert sized.ecs.calls == ["DescribeServices"]


def test_an_unknown_application_is_told(sized):
    assert "expected one of api" in shown_by(command("capacity shop"))
    assert sized.metrics.calls == 0


def test_aws_that_is_slow_is_said_rather_than_waited_for(sized, monkeypatch):
    over = Event()

    class Slow(Counting):
        def series(self, queries, start, end, period):
            over.wait(timeout=5)
            return super().series(queries, start, end, period)

    sized.metrics = Slow()
    monkeypatch.setattr(capacity_answer, "PATIENCE", 0.01)

    said = shown_by(command("capacity api"))

    assert said.startswith("AWS takes too long to say what api reserves and uses.")
    assert sized.metrics.calls == 0
    over.set()


def test_aws_that_refuses_is_said(sized):
    class Refusing:
        def active(self, cluster):
            raise Refused("list container instances of recipes: AccessDeniedException: no")

    sized.instances = Refusing()

    said = shown_by(command("capacity api"))

    assert said.startswith("What api reserves and uses could not be read: list container instances")
