"""What one task did in one minute. Tested in `tests/sandbox/world/test_world_traffic.py`."""

import math
from dataclasses import dataclass

from sandbox.world import seeded_noise
from sandbox.world.image_behaviour import Behaviour
from sandbox.world.world_records import Task

MINUTE = 60.0

_LOG_LATENCY_SD = 0.5
"""Latencies are log-normal with this standard deviation: the median is p99 / 3.2."""
_LOG_P99_OFFSET = _LOG_LATENCY_SD * seeded_noise.quantile(0.99)
_MOST_PERCENT = 99.5
_CONSTANT_MINUTE = -1
"""Stands for a minute in noise that never changes."""


@dataclass(frozen=True, slots=True)
class MinuteSample:
    """What one task did in one minute.

    Attributes:
        minute: since the epoch.
        errors: failed requests.
        usual_errors: those of them that any release has.
        memory, cpu: in per cent of the task's.
        p99: of the distribution that its latencies are drawn from, in milliseconds.
        deviation: of its latencies from that distribution, in standard errors.
    """

    task: Task
    minute: int
    requests: int
    errors: int
    usual_errors: int
    memory: float
    cpu: float
    p99: float
    deviation: float

    def latency(self, share: float) -> float:
        """Return a quantile of its latencies, in milliseconds; there must be a request.

        A sample of n requests says nothing of quantiles beyond n / (n + 1). The standard error of
        a quantile q is √(q(1-q)/n) / density (textbook: the asymptotic distribution of an order
        statistic).
        """
        known = min(max(share, 1 / (self.requests + 1)), self.requests / (self.requests + 1))
        at = seeded_noise.quantile(known)
        spread = math.sqrt(known * (1 - known) / self.requests) / seeded_noise.density(at)
        return math.exp(
            math.log(self.p99) - _LOG_P99_OFFSET + _LOG_LATENCY_SD * (at + spread * self.deviation)
        )

    @property
    def mean_latency(self) -> float:
        """The mean of its latencies, in milliseconds; there must be a request."""
        deviation = _LOG_LATENCY_SD * self.deviation / math.sqrt(self.requests)
        return math.exp(math.log(self.p99) - _LOG_P99_OFFSET + _LOG_LATENCY_SD**2 / 2 + deviation)


def sample_minute(
    task: Task, minute: int, mean_requests: float, default: Behaviour, seed: int
) -> MinuteSample:
    """Return what a task did in a minute.

    Its noise has four parts: the application's, which all colors share; the service's; a constant
    difference of the service from the others; and the counting noise of the task.

    Args:
        task: one that ran in that minute.
        minute: since the epoch.
        mean_requests: expected number of its requests.
        default: the behaviour of a good image, and of a bad one before it turns bad.
        seed: the world's.
    """
    service = task.service
    name = f"{seed} {service.cluster.name}/{service.name}"
    shared = seeded_noise.autocorrelated_normals(f"{seed} {application_of(task)}", minute)
    own, always = (
        seeded_noise.autocorrelated_normals(name, minute),
        seeded_noise.normals(name, _CONSTANT_MINUTE),
    )
    uniform = seeded_noise.uniforms(task.id, minute)
    age = (minute + 1) * MINUTE - (task.started_at or 0.0)
    turned = age - task.behaviour.turns_bad_after_seconds
    does = task.behaviour if turned > 0 else default
    requests = seeded_noise.poisson(mean_requests * math.exp(0.01 * own[0]), uniform[0])
    rate = min(0.99, does.error_rate * math.exp(0.1 * shared[1] + 0.05 * own[1]))
    errors = seeded_noise.binomial(requests, rate, uniform[1])
    usual = min(1.0, default.error_rate / does.error_rate) if does.error_rate else 1.0
    grown = does.memory_growth_percent_per_minute * turned / MINUTE
    memory = does.memory_percent + grown + 0.3 * shared[2] + 0.5 * own[2] + 0.5 * always[2]
    cpu = (
        does.cpu_percent + 2.0 * shared[3] + 1.0 * own[3] + 0.5 * seeded_noise.quantile(uniform[3])
    )
    return MinuteSample(
        task=task,
        minute=minute,
        requests=requests,
        errors=errors,
        usual_errors=round(errors * usual),
        memory=min(max(memory, 0.0), _MOST_PERCENT),
        cpu=min(max(cpu, 0.0), _MOST_PERCENT),
        p99=does.latency_ms * math.exp(0.04 * shared[4] + 0.02 * own[4] + 0.015 * always[4]),
        deviation=seeded_noise.quantile(uniform[4]),
    )


def application_of(task: Task) -> str:
    """Return the application that a task serves: the name of the target group of all its colors.

    Without a target group it is the service's name up to its color.
    """
    service = task.service
    if service.target_group is not None:
        return service.target_group.name
    return service.name.rpartition("-")[0] or service.name
