"""What every part of the world works with."""

from dataclasses import dataclass

from sandbox.world.event_queue import Agenda
from sandbox.world.identifiers import Names
from sandbox.world.image_behaviour import Images
from sandbox.world.outbox import Outbox
from sandbox.world.timings import Timings


@dataclass(frozen=True, slots=True)
class Context:
    """Time, identifiers, what images do, how long things take, and the way out for events."""

    agenda: Agenda
    names: Names
    images: Images
    timings: Timings
    outbox: Outbox
