"""Links into the AWS console: executions, and CloudWatch with the time range set.

Tested in `test_board_blocks.py`.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from handlers.domain.model.measurements import Query
from handlers.domain.model.partitions import partition_of

_KEPT: Final = re.compile(r"[^A-Za-z0-9_.-]")


def alarm(region: str, name: str) -> str:
    return f"{_console(region)}#alarmsV2:alarm/{quote(name, safe='')}"


@lru_cache(maxsize=64)
def execution(arn: str) -> str:
    region = arn.split(":")[3]
    return f"{_home(region, 'states')}#/v2/executions/details/{quote(arn, safe=':')}"


def service(arn: str) -> str:
    """Link to an ECS service; its ARN names the cluster, too."""
    _, _, _, region, _, named = arn.split(":", 5)
    *_, cluster, name = named.split("/")
    return (
        f"https://{region}.console.aws.amazon.com/ecs/v2/clusters/{quote(cluster, safe='')}"
        f"/services/{quote(name, safe='')}/health?region={region}"
    )


def dashboard(region: str, name: str, since: datetime, until: datetime) -> str:
    span = f"start={_iso(since)}&end={_iso(until)}"
    return f"{_console(region)}#dashboards/dashboard/{quote(name, safe='')}?{span}"


def log_events(region: str, group: str, pattern: str, since: datetime, until: datetime) -> str:
    """Link to the lines of a log group that match a pattern, in a time range."""
    span = f"?start={_millis(since)}&end={_millis(until)}&filterPattern={quote(pattern, safe='')}"
    place = quote(quote(group, safe=""), safe="").replace("%", "$")
    return (
        f"{_console(region)}#logsV2:log-groups/log-group/{place}/log-events"
        f"{quote(span, safe='').replace('%', '$')}"
    )


def metrics(
    region: str, queries: Sequence[Query], period: timedelta, since: datetime, until: datetime
) -> str:
    """Link to a graph of metrics, one line each."""
    lines = "".join(_line(query) for query in queries)
    seconds = int(period.total_seconds())
    graph = (
        f"~(view~'timeSeries~region~{_text(region)}~metrics~({lines})~period~{seconds}"
        f"~start~{_text(_iso(since))}~end~{_text(_iso(until))})"
    )
    return f"{_console(region)}#metricsV2:graph={graph}"


def _line(query: Query) -> str:
    if query.expression:
        return f"~(~(expression~{_text(query.expression)}))"
    names = [query.namespace, query.metric]
    names += [text for pair in query.dimensions.items() for text in pair]
    said = "".join(f"~{_text(name)}" for name in names)
    return f"~({said}~(stat~{_text(query.statistic)}))"


def _text(text: str) -> str:
    """Write a text as the console's own notation does: `'`, and `*` with two hex digits."""
    return "'" + _KEPT.sub(lambda found: "".join(f"*{b:02x}" for b in found[0].encode()), text)


def _console(region: str) -> str:
    return _home(region, "cloudwatch")


def _home(region: str, service: str) -> str:
    host = partition_of(region).console
    return f"https://{region}.{host}/{service}/home?region={region}"


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"


def _millis(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
