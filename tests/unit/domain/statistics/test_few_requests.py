"""A percentile of few requests is chance, and condemns nothing; other failures do not wait."""

from handlers.domain.model.outcomes import Verdict
from handlers.domain.model.verification_settings import Reaction
from tests.support.observations import World, looked, with_values


def a_night(world, requests):
    for color in ("red", "yellow", "green"):
        with_values(world, "requests", color, lambda _, __: requests)


def twice_as_slow(world):
    with_values(world, "latency", "red", lambda n, value: value * 2 if n >= 70 else value)


def test_a_slow_color_is_condemned_once_it_has_answered_enough():
    world = World()
    twice_as_slow(world)

    found = looked(world)

    assert found.result("latency").verdict is Verdict.UNHEALTHY
    assert found.reaction is Reaction.ROLL_BACK


def test_a_percentile_of_few_requests_asks_and_does_not_condemn():
    world = World()
    twice_as_slow(world)
    a_night(world, 6.0)

    found = looked(world).result("latency")

    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.detail.startswith("66 of 1,000 requests are too few to be sure. ")


def test_errors_are_counted_exactly_and_condemn_however_few_the_requests():
    world = World()
    a_night(world, 30.0)
    with_values(world, "errors", "red", lambda n, _: 20.0 if n >= 70 else 0.0)

    assert looked(world).result("errors").verdict is Verdict.UNHEALTHY
