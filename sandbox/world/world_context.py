"""What every part of the world is given. Tested in `tests/sandbox/world/test_world_time.py`."""

from dataclasses import dataclass

from sandbox.world.event_queue import EventQueue
from sandbox.world.identifiers import Identifiers
from sandbox.world.image_behaviour import ImageBehaviours
from sandbox.world.outbox import Outbox
from sandbox.world.timings import Timings


@dataclass(frozen=True, slots=True)
class WorldContext:
    """Time, identifiers, image behaviours, durations, and the outbox for events."""

    queue: EventQueue
    identifiers: Identifiers
    images: ImageBehaviours
    timings: Timings
    outbox: Outbox
