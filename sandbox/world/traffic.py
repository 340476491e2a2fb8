"""Requests to the tasks and their results, computed minute by minute on demand.

A task's record keeps only the moments between which it was sent requests. A past minute is the
same whenever it is computed, and nothing is computed that nobody reads.

Tested in `tests/sandbox/world/test_world_traffic.py`.
"""

import math
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from dataclasses import dataclass
from typing import Any

from sandbox.world.samples import MINUTE, MinuteSample, application_of, sample_minute
from sandbox.world.seeded_noise import autocorrelated_normals
from sandbox.world.world_context import WorldContext
from sandbox.world.world_errors import ServiceNotFoundError
from sandbox.world.world_records import Service, Task

REQUESTS_PER_MINUTE = 12_000.0
"""Of an application whose rate was not set."""

_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class ServiceMinute:
    """Totals of a service in a minute; `latency_ms` is the p99, None without a request."""

    requests: int
    errors: int
    latency_ms: float | None


class RequestRates(MutableMapping[str, float]):
    """Requests per minute of each application. A change holds from the next minute on."""

    def __init__(self, now: Callable[[], float]) -> None:
        """Take a function that returns the present."""
        self._now = now
        self._said: dict[str, list[tuple[float, float]]] = {}

    def at(self, application: str, moment: float) -> float:
        """Return the rate at a moment."""
        said = self._said.get(application, [])
        return next(
            (rate for since, rate in reversed(said) if since <= moment), REQUESTS_PER_MINUTE
        )

    def __getitem__(self, application: str) -> float:
        """Return the present rate; every application has one."""
        return self.at(application, math.inf)

    def __setitem__(self, application: str, rate: float) -> None:
        """Set the rate from now on."""
        self._said.setdefault(application, []).append((self._now(), rate))

    def __delitem__(self, application: str) -> None:
        """Set the default rate from now on."""
        self[application] = REQUESTS_PER_MINUTE

    def __iter__(self) -> Iterator[str]:
        """Yield the applications whose rate was set."""
        return iter(self._said)

    def __len__(self) -> int:
        """Count them."""
        return len(self._said)


class Traffic:
    """Spreads the requests of each application evenly over its healthy tasks of all colors."""

    def __init__(self, context: WorldContext, services: Callable[[], Iterable[Service]]) -> None:
        """Take the world's context and a function that yields its services."""
        self._queue = context.queue
        self._images = context.images
        self._seed = context.identifiers.seed
        self._services = services
        self.rates = RequestRates(lambda: self._queue.now)
        self._samples: dict[tuple[str, int], tuple[MinuteSample, ...]] = {}
        self._loads: dict[tuple[str, int], dict[str, float]] = {}

    def recent(self, service: Service | str, minutes: int = 30) -> list[ServiceMinute]:
        """Return the last complete minutes of a service, oldest first.

        Raises:
            ServiceNotFoundError: There is no service of that name.
        """
        found = service if isinstance(service, Service) else self._named(service)
        last = int(self._queue.now // MINUTE)
        return [_summed(self.samples(found, last - back)) for back in range(minutes, 0, -1)]

    def samples(
        self, service: Service, minute: int, until: float | None = None
    ) -> tuple[MinuteSample, ...]:
        """Return what each task of a service did in a minute, or in its part before `until`."""
        now = self._queue.now
        end = min(now if until is None else min(now, until), (minute + 1) * MINUTE)
        if end <= minute * MINUTE:
            return ()
        key = (service.arn, minute)
        if key in self._samples and end == (minute + 1) * MINUTE:
            return self._samples[key]
        ran = [task for task in service.recent_tasks if _ran(task, minute * MINUTE, end) > 0]
        loads = self._load(ran[0], minute, end) if ran else {}
        default, seed = self._images.default, self._seed
        made = tuple(
            sample_minute(task, minute, loads.get(task.id, 0.0), default, seed) for task in ran
        )
        if end == (minute + 1) * MINUTE:
            _keep(self._samples, key, made)
        return made

    def _load(self, task: Task, minute: int, end: float) -> dict[str, float]:
        """Return the expected number of requests to each task of an application, by task id."""
        application, start = application_of(task), minute * MINUTE
        key = (application, minute)
        if key in self._loads and end == start + MINUTE:
            return self._loads[key]
        well = {
            other.id: seconds
            for service in self._services()
            for other in service.recent_tasks
            if (seconds := _served(other, start, end)) > 0 and application_of(other) == application
        }
        total = sum(well.values())
        served = min(end - start, total) / MINUTE
        mean = self.rates.at(application, start) * served
        mean *= math.exp(0.05 * autocorrelated_normals(f"{self._seed} {application}", minute)[0])
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
    return _overlap(task.healthy_at, task.unhealthy_at, start, end)


def _overlap(since: float | None, over: float | None, start: float, end: float) -> float:
    if since is None:
        return 0.0
    return min(end, over or math.inf) - max(start, since)


def _summed(samples: tuple[MinuteSample, ...]) -> ServiceMinute:
    requests = sum(sample.requests for sample in samples)
    slow = sum(sample.requests * sample.latency(0.99) for sample in samples if sample.requests)
    errors = sum(sample.errors for sample in samples)
    return ServiceMinute(requests, errors, slow / requests if requests else None)


def _keep(cache: dict[tuple[str, int], Any], key: tuple[str, int], value: object) -> None:
    if len(cache) >= _KEPT:
        cache.clear()
    cache[key] = value
