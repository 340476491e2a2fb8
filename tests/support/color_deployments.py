"""Errands of red, for the tests of setting out and of looking."""

from datetime import timedelta

from handlers.services.color_deployment import Errand, set_out
from tests.support.builders import NOW, OLD, a_color, a_deployment, a_rollout, a_service
from tests.support.fake_ecs import FakeEcs
from tests.support.fakes import FakeRollouts

ALLOWED = timedelta(minutes=30)


def at_rest(revision=OLD, **given):
    return a_service(a_deployment(id="ecs-svc/before", task_definition=revision), **given)


def errand_of(rollouts, *, returning=False):
    rollout = next(iter(rollouts.records.values()))
    return Errand(rollout=rollout, color="red", returning=returning, allowed=ALLOWED)


def deploying(service, **given):
    """Set the color out on its way to the release; return all there is."""
    ecs, rollouts = FakeEcs(service), FakeRollouts(a_rollout(a_color("red"), **given))
    return ecs, rollouts, set_out(errand_of(rollouts), ecs, rollouts, NOW)
