"""Durations in the world that no image decides.

Tested in `tests/sandbox/world/test_world_time.py`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds of world time.

    The defaults are AWS's order of magnitude, save for the deregistration delay, whose
    default is 300 s there. With them and the images of `images.toml`, a service of one task
    whose containers crash trips the circuit breaker after about three minutes, and one whose
    targets never become healthy after about six (on AWS 3 and 12 to 15 minutes).
    """

    scheduling: float = 1.0
    """From an API call to the scheduler's first act on it."""
    provisioning: float = 3.0
    """PROVISIONING: attaching the network interface of a task (awsvpc only)."""
    stopping: float = 2.0
    """STOPPING: from the stop signal to the container's exit."""
    deprovisioning: float = 2.0
    """DEPROVISIONING: detaching the network interface (awsvpc only)."""
    settling: float = 40.0
    """RUNNING until a task counts as healthy when no load balancer checks it.

    Source: botocore's ECS model, `minimumHealthyPercent`.
    """
    noticing: float = 10.0
    """From a target's turning unhealthy to ECS stopping its task."""
    back_off: float = 40.0
    """Pause before replacing a failed task; doubles with every failure in a row."""
    longest_back_off: float = 900.0
    """The pause between replacements grows to this at most."""
    stopped_tasks_kept: float = 3600.0
    """How long a stopped task can still be listed and described."""
    telemetry_delay: float = 45.0
    """From a measurement or a log line to its being found: the newest minute is not all there."""
    telemetry_kept: float = 86400.0
    """How far back there are metrics and logs of tasks that have stopped."""
    start_jitter: float = 0.0
    """Share by which the start of each task may take longer, drawn from the world's seed."""
