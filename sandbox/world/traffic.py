"""Requests, and how each task answered them: computed when asked for, minute by minute.

Nothing is kept of it but the moments between which a task was sent requests. A past minute is
the same whenever it is asked for, and a world of which nobody asks pays nothing.
"""

import math
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from dataclasses import dataclass
from typing import Any

from sandbox.world.samples import MINUTE, Sample, application_of, sampled
from sandbox.world.seeded_noise import drifts
from sandbox.world.world_context import Context
from sandbox.world.world_errors import ServiceNotFoundError
from sandbox.world.world_records import Service, Task

REQUESTS_PER_MINUTE = 12_000.0
"""Of an application of which nothing else is said."""

_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Minute:
    """What a service did in a minute; `latency_ms` is the p99, None where there was no request."""

    requests: int
    errors: int
    latency_ms: float | None


class Rates(MutableMapping[str, float]):
    """Requests per minute of each application. A change holds from the next minute on."""

    def __init__(self, now: Callable[[], float]) -> None:
        """Take what says the time."""
        self._now = now
        self._said: dict[str, list[tuple[float, float]]] = {}

    def at(self, application: str, moment: float) -> float:
        """Return what it was at a moment."""
        said = self._said.get(application, [])
        return next(
            (rate for since, rate in reversed(said) if since <= moment), REQUESTS_PER_MINUTE
        )

    def __getitem__(self, application: str) -> float:
        """Return what it is now; every application has one."""
        return self.at(application, math.inf)

    def __setitem__(self, application: str, rate: float) -> None:
        """Let it be another one from now on."""
        self._said.setdefault(application, []).append((self._now(), rate))

    def __delitem__(self, application: str) -> None:
        """Let it be the ordinary one from now on."""
        self[application] = REQUESTS_PER_MINUTE

    def __iter__(self) -> Iterator[str]:
        """Yield the applications of which something else was said."""
        return iter(self._said)

    def __len__(self) -> int:
        """Count them."""
        return len(self._said)


class Traffic:
    """Spreads the requests of each application evenly over its healthy tasks of all colors."""

    def __init__(self, context: Context, services: Callable[[], Iterable[Service]]) -> None:
        """Take the world's time and images, and where its services are."""
        self._agenda = context.agenda
        self._images = context.images
        self._seed = context.names.seed
        self._services = services
        self.rates = Rates(lambda: self._agenda.now)
        self._samples: dict[tuple[str, int], tuple[Sample, ...]] = {}
        self._loads: dict[tuple[str, int], dict[str, float]] = {}

    def recent(self, service: Service | str, minutes: int = 30) -> list[Minute]:
        """Return the last complete minutes of a service, oldest first.

        Raises:
            ServiceNotFoundError: There is no service of that name.
        """
        found = service if isinstance(service, Service) else self._named(service)
        last = int(self._agenda.now // MINUTE)
        return [_summed(self.samples(found, last - back)) for back in range(minutes, 0, -1)]

    def samples(
        self, service: Service, minute: int, until: float | None = None
    ) -> tuple[Sample, ...]:
        """Say what each task of a service did in a minute, or in that part of it before `until`."""
        now = self._agenda.now
        end = min(now if until is None else min(now, until), (minute + 1) * MINUTE)
        if end <= minute * MINUTE:
            return ()
        key = (service.arn, minute)
        if key in self._samples and end == (minute + 1) * MINUTE:
            return self._samples[key]
        ran = [task for task in service.ran if _ran(task, minute * MINUTE, end) > 0]
        loads = self._load(ran[0], minute, end) if ran else {}
        default, seed = self._images.default, self._seed
        made = tuple(sampled(task, minute, loads.get(task.id, 0.0), default, seed) for task in ran)
        if end == (minute + 1) * MINUTE:
            _keep(self._samples, key, made)
        return made

    def _load(self, task: Task, minute: int, end: float) -> dict[str, float]:
        """Say how many requests each task of an application is sent, on average."""
        application, start = application_of(task), minute * MINUTE
        key = (application, minute)
        if key in self._loads and end == start + MINUTE:
            return self._loads[key]
        well = {
            other.id: seconds
            for service in self._services()
            for other in service.ran
            if (seconds := _served(other, start, end)) > 0 and application_of(other) == application
        }
        total = sum(well.values())
        served = min(end - start, total) / MINUTE
        mean = self.rates.at(application, start) * served
        mean *= math.exp(0.05 * drifts(f"{self._seed} {application}", minute)[0])
        made = {ident: mean * seconds / total for ident, seconds in well.items()}
        if end == start + MINUTE:
            _keep(self._loads, key, made)
        return made

    def _named(self, name: str) -> Service:
        for service in self._services():
            if service.name == name:
                return service
        raise ServiceNotFoundError(f"There is no service {name}.")


def _ran(task: Task, start: float, end: float) -> float:
    """Return for how many seconds between two moments a task ran."""
    return _overlap(task.started_at, task.stopping_at, start, end)


def _served(task: Task, start: float, end: float) -> float:
    """Return for how many seconds between two moments a task was sent requests."""
    return _overlap(task.well_at, task.unwell_at, start, end)


def _overlap(since: float | None, over: float | None, start: float, end: float) -> float:
    if since is None:
        return 0.0
    return min(end, over or math.inf) - max(start, since)


def _summed(samples: tuple[Sample, ...]) -> Minute:
    requests = sum(sample.requests for sample in samples)
    slow = sum(sample.requests * sample.latency(0.99) for sample in samples if sample.requests)
    errors = sum(sample.errors for sample in samples)
    return Minute(requests, errors, slow / requests if requests else None)


def _keep(cache: dict[tuple[str, int], Any], key: tuple[str, int], value: object) -> None:
    if len(cache) >= _KEPT:
        cache.clear()
    cache[key] = value
