import json
from io import StringIO

import pytest

from handlers import observability
from handlers.domain.model.rollout import Stage
from handlers.services.snapshot import take_snapshot
from simulator.example_release import NEW_DIGEST
from simulator.fake_services import FakeImages
from tests.support.builders import OLD, a_color, a_deployment, a_rollout, an_approval, execution
from tests.support.fake_ecs import FakeEcs, settled_services
from tests.support.fakes import FakeExecutions
from tests.support.handler_gateways import Outside
from tests.support.records import change
from tests.support.steps import deploy


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    """Give Powertools what the template gives it, and nothing of AWS."""
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "shingo")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Shingo")
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def outside(monkeypatch):
    everything = Outside()
    everything.install(monkeypatch)
    return everything


@pytest.fixture
def log():
    """Catch what is logged: one JSON object a line."""
    caught = StringIO()
    handler = observability.logger().registered_handler
    # Not by setStream, which flushes: the stream before may be one that an earlier test's capsys
    # has closed.
    before, handler.stream = handler.stream, caught
    yield caught
    handler.stream = before


@pytest.fixture
def metrics(capsys):
    """Read what was counted: metric name → its dimensions and value, the newest last."""

    def counted(name):
        lines = [line for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
        return [found for found in map(json.loads, lines) if name in found]

    return counted


@pytest.fixture
def at_rest(outside):
    """Have an open rollout with a board, and its three services at rest on the old revision."""
    outside.slack.post("C0ROLLOUTS", text="the board", blocks=["…"])
    outside.hold(a_rollout())
    before = a_deployment(id="ecs-svc/before", task_definition=OLD)
    outside.ecs = FakeEcs(*settled_services(before))
    return outside


@pytest.fixture
def deploying(at_rest):
    """Have red deploying, with the machine waiting for it by `token-1`."""
    deploy("token-1")
    return at_rest


@pytest.fixture
def preparing(outside):
    """Have three services at rest, the image that is asked for, and nothing in the way."""
    outside.ecs = FakeEcs(*settled_services(a_deployment(id="ecs-svc/before", task_definition=OLD)))
    outside.images = FakeImages(**{"v1.42.0": NEW_DIGEST})
    outside.executions = FakeExecutions(execution("api-1"))
    return outside


@pytest.fixture
def asked(at_rest):
    """Ask about red, bound to what is seen now, and wait for the answer by `token-1`."""
    red = a_color("red", stage=Stage.ASKING, approval="question-red")
    colors = at_rest.rollout.colors | {"red": red}
    rollout = change(at_rest.rollouts, at_rest.rollout.id, colors=colors)
    shown = take_snapshot(rollout, at_rest.ecs, at_rest.balancers)
    at_rest.approvals.ask(an_approval(id="question-red", token="token-1", evidence=shown))
    return at_rest
