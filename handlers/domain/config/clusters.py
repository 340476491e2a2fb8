"""The clusters whose instances Shingo looks after, read from `definitions/clusters.toml`."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from handlers.domain.config.applications import ConfigurationError
from handlers.domain.config.toml_reader import TomlReader

_FIELDS: Final = ("drain_on_rebalance", "spot")
_CLUSTER: Final = re.compile(r"[A-Za-z0-9_-]{1,255}")
_UUID: Final = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


class FleetKind(StrEnum):
    """What follows the on-demand group; the words are the settings that name it."""

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
    """One cluster: how its interrupted instances are drained, and what follows what."""

    name: str
    drain_on_rebalance: bool
    """Whether EC2's recommendation to rebalance drains an instance, as its warning does."""
    spot: SpotSettings | None


def load_clusters(document: Mapping[str, object]) -> dict[str, Cluster]:
    """Read all clusters; none is right, and then nothing is drained or followed.

    Args:
        document: the parsed file, cluster → table.

    Raises:
        ConfigurationError: with every problem there is: key, value, what is expected.
    """
    problems: list[str] = []
    clusters = {name: _cluster(name, table, problems) for name, table in document.items()}
    followers = Counter(c.spot.target for c in clusters.values() if c.spot and c.spot.target)
    problems += [
        f"{target}: found in {count} clusters, expected a fleet of its own for each"
        for target, count in followers.items()
        if count > 1
    ]
    if problems:
        raise ConfigurationError("\n".join(problems))
    return clusters


def _cluster(name: str, table: object, problems: list[str]) -> Cluster:
    read = TomlReader(name, table if isinstance(table, dict) else {}, problems)
    if not isinstance(table, dict):
        problems.append(f"{name}: found {table!r}, expected a table")
    if not _CLUSTER.fullmatch(name):
        problems.append(f"{name}: expected the name of an ECS cluster")
    read.refuse_unknown(_FIELDS)
    return Cluster(
        name=name,
        drain_on_rebalance=read.flag("drain_on_rebalance"),
        spot=_spot(read.inner("spot")) if "spot" in read.table else None,
    )


def _spot(read: TomlReader) -> SpotSettings:
    read.refuse_unknown(
        ("on_demand", *FleetKind, "ratio", "least", "most", "step", "hysteresis", "dry_run")
    )
    kind, target = _target(read)
    on_demand = read.text("on_demand", None)
    if kind is FleetKind.GROUP and target == on_demand:
        read.note("group", target, "another group than `on_demand`")
    return SpotSettings(
        on_demand=on_demand,
        kind=kind,
        target=target,
        policy=_policy(read),
        dry_run=read.flag("dry_run"),
    )


def _target(read: TomlReader) -> tuple[FleetKind, str]:
    given = [kind for kind in FleetKind if kind in read.table]
    if len(given) != 1:
        found = [str(kind) for kind in given] or None
        read.note("spot_fleet", found, f"exactly one of {', '.join(FleetKind)}")
        return FleetKind.SPOT_FLEET, ""
    kind = given[0]
    pattern, expected = _TARGETS[kind]
    target = read.text(kind, None)
    if target and not pattern.fullmatch(target):
        read.note(kind, target, expected)
    return kind, target


def _policy(read: TomlReader) -> SpotPolicy:
    ratio = read.number("ratio", 1.0) or 0.0
    if ratio < 0:
        read.note("ratio", ratio, "units for each on-demand instance, at least 0")
    units = "a number of units, at least"
    if "most" not in read.table:
        read.note("most", None, f"{units} 0")
    least = read.whole("least", 0, f"{units} 0")
    policy = SpotPolicy(
        ratio=ratio,
        least=least,
        most=read.whole("most", least, f"{units} 0"),
        step=read.whole("step", 5, f"{units} 1", least=1),
        hysteresis=read.whole("hysteresis", 1, f"{units} 0"),
    )
    if policy.most < least:
        read.note("most", policy.most, f"at least {least}, as `least` says")
    return policy
