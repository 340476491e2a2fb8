"""Reads `[application.verification]` over the checks that every application has."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final, TypeVar

from handlers.domain.config.default_checks import ECS_CHECKS, LOG_EFFECT, namespace_checks
from handlers.domain.config.placeholders import (
    COLOR_PLACEHOLDERS,
    PLACEHOLDERS,
    placeholders,
    query_texts,
)
from handlers.domain.config.toml_reader import TomlReader
from handlers.domain.model.durations import in_words
from handlers.domain.model.measurements import Query
from handlers.domain.model.verification_settings import (
    Effect,
    LogCheck,
    MetricCheck,
    Reaction,
    Reactions,
    SmokeCheck,
    Verification,
)

Check = TypeVar("Check", MetricCheck, LogCheck)

_FIELDS: Final = (
    "bake",
    "bake_at_most",
    "requests",
    "period",
    "compare_with",
    "alarms",
    "metrics",
    "logs",
    "smoke",
    "dashboard",
)
_REACTIONS: Final = ("unhealthy", "inconclusive", "no_data", "error")
_DECIDING: Final = ("off", "dry_run", *_REACTIONS)
_METRIC: Final = (
    "metric",
    "statistic",
    "dimensions",
    "expression",
    "unit",
    "of",
    "sparse",
    "at_most",
    "at_least",
    "worse",
    *_DECIDING,
)
_LOG: Final = ("pattern", "worse", *_DECIDING)
_SMOKE: Final = ("url", "status", "contains", *_DECIDING)
_EFFECT: Final = ("times", "by", "at_least")
_NO_PASS: Final = (Reaction.LOOK_AGAIN, Reaction.ASK, Reaction.ROLL_BACK)
_CHECK_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,30}")
_ANY: Final = re.compile(r".+")
_URL: Final = re.compile(r"https?://[^\s@]+")
MIN_PERIOD: Final = timedelta(minutes=1)
MAX_PERIOD: Final = timedelta(days=1)
"""Of a metric. Shorter ones exist, of what is sent at a high resolution, and ECS sends a value a
minute (API_MetricStat, `Period`)."""
MINUTES_KEPT: Final = timedelta(days=15)
"""How long CloudWatch keeps a value for every minute (API_GetMetricData)."""
_BOUND: Final = r"(\d+(\.\d{1,10})?%?)?"
_STATISTIC: Final = re.compile(
    r"SampleCount|Average|Sum|Minimum|Maximum|IQM"
    r"|(p|tm|wm|tc|ts)(100(\.0+)?|\d{1,2}(\.\d{1,10})?)"
    rf"|(TM|WM|TC|TS|PR)\({_BOUND}:{_BOUND}\)"
)
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html."""
_METRIC_NAME: Final = re.compile(r"[^/]+(/[^/]+)*/[^/]+")


def read_verification(
    read: TomlReader, namespace: str, most: timedelta, unit: timedelta = MIN_PERIOD
) -> Verification:
    """Read how an application is verified.

    Args:
        read: its `verification` table.
        namespace: the CloudWatch namespace of its own metrics; empty where it sends none.
        most: how long a color can be watched at all.
        unit: the period must be a multiple of it.
    """
    read.reject_unknown(_FIELDS)
    metrics = _metrics(read, ECS_CHECKS | (namespace_checks(namespace) if namespace else {}))
    bake = read.duration("bake", "10 min", most)
    usual = in_words(max(2 * bake, timedelta(seconds=1)))
    wanted = Verification(
        bake=bake,
        bake_at_most=read.duration("bake_at_most", usual, 2 * most),
        requests=read.integer(
            "requests", 1000 if "requests" in metrics else 0, "how many requests"
        ),
        period=read.duration("period", "1 min", MAX_PERIOD),
        compare_with=read.duration("compare_with", "1 h", MINUTES_KEPT),
        alarms=read.strings("alarms", _ANY, "names of CloudWatch alarms"),
        metrics=metrics,
        logs=_logs(read),
        smoke=_smoke(read),
        dashboard=read.string("dashboard", ""),
    )
    _check_consistency(read, wanted, unit)
    return wanted


def _check_consistency(read: TomlReader, wanted: Verification, unit: timedelta) -> None:
    for name in wanted.alarms:
        _require_color_placeholder(read, "alarms", name)
    if wanted.period % unit:
        expected = "whole minutes, which are the periods that CloudWatch has of what ECS sends"
        read.report("period", in_words(wanted.period), expected)
    if wanted.bake_at_most < wanted.bake:
        read.report("bake_at_most", in_words(wanted.bake_at_most), "at least the bake")
    decides = any(check.decides for check in wanted.metrics.values())
    if decides and wanted.bake < 5 * wanted.period:
        read.report("bake", in_words(wanted.bake), "at least five periods: fewer show nothing")
    if wanted.requests and "requests" not in wanted.metrics:
        read.report("requests", wanted.requests, "a metric named requests to count them by")
    for check in wanted.metrics.values():
        if check.of and check.of not in wanted.metrics:
            read.report(f"metrics.{check.name}.of", check.of, "the name of another metric")
        _check_limits(read, check)


def _check_limits(read: TomlReader, check: MetricCheck) -> None:
    """Note limits that nothing can hold, and a share of itself."""
    key = f"metrics.{check.name}"
    if check.of == check.name:
        read.report(f"{key}.of", check.of, "the name of another metric: of itself, it is always 1")
    for limit, value in (("at_most", check.at_most), ("at_least", check.at_least)):
        if check.of and value is not None and not 0 <= value <= 1:
            read.report(f"{key}.{limit}", value, "a share from 0 to 1, such as 0.05 for 5 %")
    if check.at_most is not None and check.at_least is not None and check.at_least > check.at_most:
        read.report(f"{key}.at_least", check.at_least, f"no more than at_most, {check.at_most:g}")


def _metrics(read: TomlReader, usual: Mapping[str, MetricCheck]) -> dict[str, MetricCheck]:
    tables = read.subtable("metrics")
    found = dict(usual)
    for name, own in _named_checks(tables, found):
        found[name] = _metric(own, name, usual.get(name))
    return found


def _named_checks(tables: TomlReader, found: dict[str, Check]) -> Iterator[tuple[str, TomlReader]]:
    """Yield the table of each check by its name; remove those that are off from the found ones."""
    for name in tables.table:
        own = tables.subtable(name)
        if not _CHECK_NAME.fullmatch(name):
            tables.report(name, name, "a name of lower-case letters, digits, - and _")
        if own.boolean("off"):
            found.pop(name, None)
        else:
            yield name, own


def _metric(read: TomlReader, name: str, usual: MetricCheck | None) -> MetricCheck:
    read.reject_unknown(_METRIC)
    base = usual or MetricCheck(name=name, query=Query())
    check = replace(
        base,
        query=_query(read, base.query),
        unit=read.string("unit", base.unit),
        of=read.string("of", base.of),
        sparse=read.boolean("sparse", default=base.sparse),
        at_most=read.number("at_most", base.at_most),
        at_least=read.number("at_least", base.at_least),
        effect=_effect(read, base.effect),
        dry_run=read.boolean("dry_run", default=base.dry_run),
        reactions=_reactions(read, base.reactions),
    )
    _require_color_placeholder(read, "metric", query_texts(check.query))
    if check.sparse and not check.of:
        read.report("sparse", check.sparse, "`of`, the metric that says that anything was measured")
    return check


def _query(read: TomlReader, usual: Query) -> Query:
    expression = read.string("expression", "")
    if expression:
        if "metric" in read.table:
            read.report("expression", expression, "either a metric or an expression")
        return Query(expression=expression)
    statistic = read.matching(
        "statistic", usual.statistic, _STATISTIC, "a statistic of CloudWatch such as Sum or p99"
    )
    given = read.subtable("dimensions")
    dimensions = {key: given.string(key, None) for key in given.table} or usual.dimensions
    if "metric" not in read.table:
        if not usual.metric:
            read.report("metric", None, "a metric such as 'Namespace/Name', or an expression")
        return replace(usual, statistic=statistic, dimensions=dimensions)
    metric = read.string("metric", "")
    if not _METRIC_NAME.fullmatch(metric):
        read.report("metric", metric, "a namespace and a name, such as 'Recipes/Errors'")
    namespace, _, name = metric.rpartition("/")
    return Query(namespace=namespace, metric=name, statistic=statistic, dimensions=dimensions)


def _effect(read: TomlReader, usual: Effect | None) -> Effect | None:
    if "worse" not in read.table:
        return usual
    own = read.subtable("worse")
    own.reject_unknown(_EFFECT)
    times, by = own.number("times", usual.times if usual else 1), own.number("by", 0)
    if times is not None and times < 1:
        own.report("times", times, "a factor of at least 1")
    if by is not None and by < 0:
        own.report("by", by, "a difference of at least 0: more is worse")
    least = own.integer("at_least", usual.at_least if usual else 0, "how many events")
    return Effect(times=times or 1, by=by or 0, at_least=least)


def _logs(read: TomlReader) -> dict[str, LogCheck]:
    """Read the log checks; by default more ERROR or FATAL lines than the control's ask people."""
    asks = Reactions(unhealthy=Reaction.ASK)
    usual = {
        "errors": LogCheck(
            name="errors", pattern="?ERROR ?FATAL", effect=LOG_EFFECT, reactions=asks
        )
    }
    tables = read.subtable("logs")
    found = dict(usual)
    for name, own in _named_checks(tables, found):
        own.reject_unknown(_LOG)
        base = usual.get(name)
        found[name] = LogCheck(
            name=name,
            pattern=own.string("pattern", base.pattern if base else None),
            effect=_effect(own, LOG_EFFECT) or LOG_EFFECT,
            dry_run=own.boolean("dry_run"),
            reactions=_reactions(own, asks),
        )
    return found


def _smoke(read: TomlReader) -> SmokeCheck | None:
    if "smoke" not in read.table:
        return None
    own = read.subtable("smoke")
    own.reject_unknown(_SMOKE)
    url = own.string("url", None)
    if url and not _URL.fullmatch(url):
        own.report("url", url, "an address that begins with https:// and holds no user name")
    _require_color_placeholder(own, "url", url)
    return SmokeCheck(
        url=url,
        status=own.integer("status", 200, "an HTTP status from 100 to 599", least=100, most=599),
        contains=own.string("contains", ""),
        dry_run=own.boolean("dry_run"),
        reactions=_reactions(own, Reactions()),
    )


def _reactions(read: TomlReader, usual: Reactions) -> Reactions:
    """Read the reactions; none lets an unhealthy or unmeasured color go on."""
    given = {
        name: read.choice(name, getattr(usual, name), _NO_PASS)
        for name in _REACTIONS
        if name in read.table
    }
    return replace(usual, **given)


def _require_color_placeholder(read: TomlReader, key: str, text: str) -> None:
    """Report a text without a color: the numbers of the target group say nothing of one color."""
    found = placeholders(text)
    for name in sorted(found.difference(PLACEHOLDERS)):
        read.report(key, f"{{{name}}}", f"only {', '.join(f'{{{each}}}' for each in PLACEHOLDERS)}")
    if text and found.isdisjoint(COLOR_PLACEHOLDERS):
        read.report(key, text, "a text with {service} or {color}: each color is measured by itself")
