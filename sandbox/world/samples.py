"""What one task did in one minute."""

import math
from dataclasses import dataclass

from sandbox.world import seeded_noise
from sandbox.world.image_behaviour import Behaviour
from sandbox.world.world_records import Task

MINUTE = 60.0

_SPREAD = 0.5
"""Of the logarithm of the latency, which is normally distributed: the median is p99 / 3.2."""
_TO_P99 = _SPREAD * seeded_noise.quantile(0.99)
_FULL = 99.5
_ALWAYS = -1
"""In place of a minute."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One task in one minute.

    Attributes:
        minute: since the epoch.
        errors: of its requests.
        usual_errors: those of them that any release has.
        memory, cpu: in per cent of what the task has.
        p99: of the latencies that its requests are drawn from, in milliseconds.
        luck: by how many standard errors its requests were slower than was to be expected.
    """

    task: Task
    minute: int
    requests: int
    errors: int
    usual_errors: int
    memory: float
    cpu: float
    p99: float
    luck: float

    def latency(self, share: float) -> float:
        """Return a quantile of its requests' latencies, in milliseconds; there must be some.

        Of few requests the slowest is all that is known of the tail, so that no quantile lies
        beyond n / (n + 1). The quantile of a sample spreads by √(q(1-q)/n) / density (textbook:
        the asymptotic distribution of an order statistic).
        """
        known = min(max(share, 1 / (self.requests + 1)), self.requests / (self.requests + 1))
        at = seeded_noise.quantile(known)
        spread = math.sqrt(known * (1 - known) / self.requests) / seeded_noise.density(at)
        return math.exp(math.log(self.p99) - _TO_P99 + _SPREAD * (at + spread * self.luck))

    @property
    def mean_latency(self) -> float:
        """Average of its requests' latencies, in milliseconds; there must be some."""
        luck = _SPREAD * self.luck / math.sqrt(self.requests)
        return math.exp(math.log(self.p99) - _TO_P99 + _SPREAD**2 / 2 + luck)


def sampled(task: Task, minute: int, mean_requests: float, default: Behaviour, seed: int) -> Sample:
    """Say what a task did in a minute.

    The noise of its application is shared by all colors, its service has some of its own and is
    always a little different from the others, and each task has the noise of counting.

    Args:
        task: one that ran in that minute.
        minute: since the epoch.
        mean_requests: how many it is sent on average.
        default: what an image does that is not bad, or not yet.
        seed: the world's.
    """
    service = task.service
    name = f"{seed} {service.cluster.name}/{service.name}"
    shared = seeded_noise.drifts(f"{seed} {application_of(task)}", minute)
    own, always = seeded_noise.drifts(name, minute), seeded_noise.normals(name, _ALWAYS)
    chance = seeded_noise.uniforms(task.id, minute)
    age = (minute + 1) * MINUTE - (task.started_at or 0.0)
    turned = age - task.behaviour.turns_bad_after_seconds
    does = task.behaviour if turned > 0 else default
    requests = seeded_noise.poisson(mean_requests * math.exp(0.01 * own[0]), chance[0])
    rate = min(0.99, does.error_rate * math.exp(0.1 * shared[1] + 0.05 * own[1]))
    errors = seeded_noise.binomial(requests, rate, chance[1])
    usual = min(1.0, default.error_rate / does.error_rate) if does.error_rate else 1.0
    grown = does.memory_growth_percent_per_minute * turned / MINUTE
    memory = does.memory_percent + grown + 0.3 * shared[2] + 0.5 * own[2] + 0.5 * always[2]
    cpu = does.cpu_percent + 2.0 * shared[3] + 1.0 * own[3] + 0.5 * seeded_noise.quantile(chance[3])
    return Sample(
        task=task,
        minute=minute,
        requests=requests,
        errors=errors,
        usual_errors=round(errors * usual),
        memory=min(max(memory, 0.0), _FULL),
        cpu=min(max(cpu, 0.0), _FULL),
        p99=does.latency_ms * math.exp(0.04 * shared[4] + 0.02 * own[4] + 0.015 * always[4]),
        luck=seeded_noise.quantile(chance[4]),
    )


def application_of(task: Task) -> str:
    """Return the application that a task serves: the name of the target group of all its colors.

    Without a target group it is the service's name up to its color.
    """
    service = task.service
    if service.target_group is not None:
        return service.target_group.name
    return service.name.rpartition("-")[0] or service.name
