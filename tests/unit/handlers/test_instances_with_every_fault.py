"""Every single fault at every call of the two handlers that run instances: the next try mends it.

Lambda tries a failed event twice more, and the fleets' schedule comes every ten minutes.
"""

import pytest

from handlers import drain_spot_instance, match_spot_capacity
from handlers.domain.capacity.spot_policy import Fleet
from simulator.recorded_events import recorded
from tests.support.builders import a_rollout, an_application
from tests.support.handler_faults import FAULTS, Faulty, tried
from tests.unit.handlers.test_drain_spot_instance import INSTANCE
from tests.unit.handlers.test_drain_spot_instance import a_cluster as a_watched_cluster
from tests.unit.handlers.test_match_spot_capacity import a_cluster

CALLS = 8
"""More than either handler makes."""


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
@pytest.mark.parametrize("place", range(1, CALLS + 1))
def test_an_instance_that_is_to_go_drains_whatever_goes_wrong_once(outside, place, fault):
    hosts, calls = outside.hosts, []
    hosts.known = {"recipes": {"i-other": 1}, "news": {INSTANCE: 3}}
    outside.clusters = {name: a_watched_cluster(name) for name in ("recipes", "news")}
    outside.hosts = Faulty(hosts, calls, place, fault)

    tried(drain_spot_instance, recorded("ec2_interruption"))

    assert hosts.draining == {("news", INSTANCE)}
    assert len(calls) < CALLS


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
@pytest.mark.parametrize("place", range(1, CALLS + 1))
@pytest.mark.parametrize(("in_service", "target"), [(3, 6), (1, 4)], ids=["up", "down"])
def test_a_fleet_follows_and_never_below_what_tasks_need(outside, place, fault, in_service, target):
    fleets, hosts, calls = outside.fleets, outside.hosts, []
    outside.apps = {"api": an_application()}
    outside.hold(a_rollout())
    outside.clusters = {"recipes": a_cluster()}
    fleets.groups = {"recipes-on-demand": [f"i-d{n}" for n in range(in_service)]}
    before = 4 if target > 4 else 5
    fleets.known = {"sfr-1": Fleet(target=before, fulfilled=float(before))}
    spot = {f"i-s{number}": int(number < 4) for number in range(5)}
    hosts.known = {"recipes": {f"i-d{n}": 5 for n in range(in_service)} | spot}
    outside.hosts = Faulty(hosts, calls, place, fault)
    outside.fleets = Faulty(fleets, calls, place, fault)
    outside.fleets.of = lambda _kind: outside.fleets

    tried(match_spot_capacity, recorded("autoscaling_launch"))
    tried(match_spot_capacity, {"source": "aws.events"})

    assert fleets.known["sfr-1"].target == target
    assert all(aim >= 4 for _, aim in fleets.resized)
