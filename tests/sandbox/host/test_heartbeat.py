"""The world's events on their way to the handlers."""

from datetime import UTC, datetime, timedelta
from threading import Event, RLock

from sandbox.host.accelerated_clock import WorldClock
from sandbox.host.heartbeat import Heartbeat


class World:
    """A world in which one thing has just happened."""

    def __init__(self, happened):
        self.waiting = [{"id": "1", "time": happened.strftime("%Y-%m-%dT%H:%M:%SZ")}]

    def advance(self, to):
        pass

    def take_events(self):
        taken, self.waiting = self.waiting, []
        return taken


class Events:
    def __init__(self):
        self.came = Event()
        self.delivered = []

    def deliver(self, event):
        self.delivered.append(event)
        self.came.set()


def test_an_event_tells_on_our_clock_when_it_was():
    clock, events = WorldClock(3600), Events()
    an_hour_ahead = clock.now() + timedelta(hours=1)

    with Heartbeat(World(an_hour_ahead), RLock(), clock, events).running():
        assert events.came.wait(timeout=5)

    (event,) = events.delivered
    assert event["id"] == "1"
    late = (datetime.now(UTC) - datetime.fromisoformat(event["time"])).total_seconds()
    assert -2 <= late < 10
    assert event["time"].endswith("Z")
