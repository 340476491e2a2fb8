"""The clusters whose instances Shingo looks after, read from `definitions/clusters.toml`."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from handlers.domain.config.toml_reader import ConfigurationError, TomlReader, named_tables

_FIELDS: Final = ("drain_on_rebalance", "spot")
_CLUSTER: Final = re.compile(r"[A-Za-z0-9_-]{1,255}")
_UUID: Final = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


class FleetKind(StrEnum):
    """What follows the on-demand group; each is the name of its setting."""

    SPOT_FLEET = "spot_fleet"
    FLEET = "fleet"
    GROUP = "group"


_TARGETS: Final = {
    FleetKind.SPOT_FLEET: (
        re.compile(f"sfr-{_UUID}"),
        "a spot fleet request's id such as sfr-73fb…",
    ),
    FleetKind.FLEET: (re.compile(f"fleet-{_UUID}"), "an EC2 fleet's id such as fleet-12a3…"),
    FleetKind.GROUP: (re.compile(r"[^:/|*?,\s]{1,255}"), "an Auto Scaling group's name"),
}


@dataclass(frozen=True, kw_only=True)
class SpotPolicy:
    """How the target follows. All but `ratio` are units of the fleet's own target capacity."""

    ratio: float
    """Units for each on-demand instance in service."""
    least: int
    most: int
    step: int
    """Most that one change adds or takes."""
    hysteresis: int
    """A difference from the present target of up to this is left alone."""


@dataclass(frozen=True, kw_only=True)
class SpotSettings:
    """A spot fleet that follows an on-demand Auto Scaling group."""

    on_demand: str
    """Name of the group that is followed."""
    kind: FleetKind
    target: str
    """The fleet, by its id, or the group, by its name."""
    policy: SpotPolicy
    dry_run: bool
    """Only say what would be done."""


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """One cluster: whether a rebalance drains its instances, and its spot fleet."""

    name: str
    drain_on_rebalance: bool
    """Whether EC2's recommendation to rebalance drains an instance, as its warning does."""
    spot: SpotSettings | None


def load_clusters(document: Mapping[str, object]) -> dict[str, Cluster]:
    """Read all clusters; an empty file is valid: then nothing is drained or followed.

    Args:
        document: the parsed file, cluster → table.

    Raises:
        ConfigurationError: with every problem: key, value, what is expected.
    """
    problems: list[str] = []
    tables = named_tables(document, _CLUSTER, "the name of an ECS cluster", problems)
    clusters = {table.name: _cluster(table) for table in tables}
    followers = Counter(c.spot.target for c in clusters.values() if c.spot and c.spot.target)
    problems += [
        f"{target}: found in {count} clusters, expected a fleet of its own for each"
        for target, count in followers.items()
        if count > 1
    ]
    if problems:
        raise ConfigurationError("\n".join(problems))
    return clusters


def _cluster(read: TomlReader) -> Cluster:
    read.reject_unknown(_FIELDS)
    return Cluster(
        name=read.name,
        drain_on_rebalance=read.boolean("drain_on_rebalance"),
        spot=_spot(read.subtable("spot")) if "spot" in read.table else None,
    )


def _spot(read: TomlReader) -> SpotSettings:
    read.reject_unknown(
        ("on_demand", *FleetKind, "ratio", "least", "most", "step", "hysteresis", "dry_run")
    )
    kind, target = _target(read)
    on_demand = read.string("on_demand", None)
    if kind is FleetKind.GROUP and target == on_demand:
        read.report("group", target, "another group than `on_demand`")
    return SpotSettings(
        on_demand=on_demand,
        kind=kind,
        target=target,
        policy=_policy(read),
        dry_run=read.boolean("dry_run"),
    )


def _target(read: TomlReader) -> tuple[FleetKind, str]:
    given = [kind for kind in FleetKind if kind in read.table]
    if len(given) != 1:
        found = [str(kind) for kind in given] or None
        read.report("spot_fleet", found, f"exactly one of {', '.join(FleetKind)}")
        return FleetKind.SPOT_FLEET, ""
    kind = given[0]
    pattern, expected = _TARGETS[kind]
    target = read.string(kind, None)
    if target and not pattern.fullmatch(target):
        read.report(kind, target, expected)
    return kind, target


def _policy(read: TomlReader) -> SpotPolicy:
    ratio = read.number("ratio", 1.0) or 0.0
    if ratio < 0:
        read.report("ratio", ratio, "units for each on-demand instance, at least 0")
    units = "a number of units, at least"
    if "most" not in read.table:
        read.report("most", None, f"{units} 0")
    least = read.integer("least", 0, f"{units} 0")
    policy = SpotPolicy(
        ratio=ratio,
        least=least,
        most=read.integer("most", least, f"{units} 0"),
        step=read.integer("step", 5, f"{units} 1", least=1),
        hysteresis=read.integer("hysteresis", 1, f"{units} 0"),
    )
    if policy.most < least:
        read.report("most", policy.most, f"at least {least}, as `least` says")
    return policy
