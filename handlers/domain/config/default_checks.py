"""The checks that applications have by default. Tested in `test_verification_reader.py`."""

from typing import Final

from handlers.domain.model.measurements import Query
from handlers.domain.model.verification_settings import Effect, MetricCheck

LOG_EFFECT: Final = Effect(times=2, by=0.005, at_least=5)
_BY_SERVICE: Final = {"ClusterName": "{cluster}", "ServiceName": "{service}"}
ECS_CHECKS: Final = {
    "memory": MetricCheck(
        name="memory",
        query=Query(namespace="AWS/ECS", metric="MemoryUtilization", dimensions=_BY_SERVICE),
        unit="%",
        at_most=90,
        effect=Effect(times=1.3, by=10),
    ),
    "cpu": MetricCheck(
        name="cpu",
        query=Query(namespace="AWS/ECS", metric="CPUUtilization", dimensions=_BY_SERVICE),
        unit="%",
        at_most=90,
        dry_run=True,
    ),
}
"""What ECS itself sends about every service
(https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html)."""


def namespace_checks(namespace: str) -> dict[str, MetricCheck]:
    """Return the checks of an application that sends metrics of its own to CloudWatch."""

    def query(metric: str, statistic: str) -> Query:
        own = {"Service": "{service}"}
        return Query(namespace=namespace, metric=metric, statistic=statistic, dimensions=own)

    return {
        "requests": MetricCheck(name="requests", query=query("Requests", "Sum")),
        "errors": MetricCheck(
            name="errors",
            query=query("Errors", "Sum"),
            of="requests",
            at_most=0.05,
            effect=Effect(times=2, by=0.005, at_least=5),
        ),
        "latency": MetricCheck(
            name="latency",
            query=query("Latency", "p99"),
            unit="ms",
            effect=Effect(times=1.25, by=20),
        ),
    }
