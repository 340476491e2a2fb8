"""Reading what an application's tasks reserve and use, and what its instances have left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from handlers.domain.capacity.packing import CapacityReport, capacity_report
from handlers.domain.capacity.reservation import is_fargate
from handlers.domain.capacity.utilization import (
    HOUR,
    MEASURED_PERIOD,
    MINUTE,
    RECENT_PERIOD,
    Utilization,
    is_empty,
    utilization_queries,
    utilizations,
)
from handlers.domain.config.applications import Application
from handlers.domain.model.measurements import Unmeasured
from handlers.services.ports import ClusterCapacity, Ecs, Metrics


@dataclass(frozen=True, kw_only=True)
class CapacityTools:
    """What is asked."""

    ecs: Ecs
    instances: ClusterCapacity
    metrics: Metrics


def measure_capacity(
    application: Application, tools: CapacityTools, now: datetime
) -> CapacityReport:
    """Look at an application: one call to CloudWatch, or two, and a handful to ECS.

    Raises:
        NotThere: the cluster, or a revision that a service runs, does not exist.
    """
    cluster, names = application.cluster, list(application.services.values())
    services = tools.ecs.services(cluster, names)
    runs = {name: each.primary for name, each in services.items() if each.active and each.primary}
    arns = dict.fromkeys(primary.task_definition for primary in runs.values())
    definitions = {arn: tools.ecs.task_definition(arn) for arn in arns}
    measured = measure_utilization(cluster, list(runs), tools.metrics, now)
    fargate = any(map(is_fargate, definitions.values()))
    instances = [] if fargate else tools.instances.active(cluster)
    return capacity_report(application, services, definitions, measured, instances)


def measure_utilization(
    cluster: str, services: Sequence[str], metrics: Metrics, now: datetime
) -> dict[tuple[str, str], Utilization | Unmeasured]:
    """Measure services: by service and metric, what was used or why that is not known."""
    queries = utilization_queries(cluster, services)
    by_hour = metrics.series(queries, now - MEASURED_PERIOD, now, HOUR) if queries else {}
    young = {name: query for name, query in queries.items() if is_empty(by_hour[name])}
    by_minute = metrics.series(young, now - RECENT_PERIOD, now, MINUTE) if young else {}
    return utilizations(services, by_hour, by_minute)
