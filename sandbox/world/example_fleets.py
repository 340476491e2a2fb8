"""The on-demand group and the spot fleet of the example's cluster.

Tested in `tests/sandbox/world/test_world_fleets.py`.
"""

import math
from typing import Final

from sandbox.world.example_world import CLUSTER
from sandbox.world.world import World

ON_DEMAND: Final = "recipes-on-demand"
SPOT: Final = "sfr-73fbd2ce-aa30-494c-8788-1cee4b7b5b1e"


def add_fleets(world: World) -> None:
    """Add an on-demand group of the cluster's instances, and a spot fleet half as large.

    That is what the sandbox's `clusters.toml` asks for.
    """
    cluster = world.clusters[CLUSTER]
    zones = sorted({container_instance.zone for container_instance in cluster.instances.values()})
    world.fleets.add_group(ON_DEMAND, cluster, zones)
    world.fleets.add_fleet(SPOT, cluster, zones, math.ceil(len(cluster.instances) / 2))
