"""`python -m docs.write_defaults` writes the code's defaults into docs/settings.md.

`--check` writes nothing, and looks whether the page is up to date. A row's text is written by
hand, its last column here. A setting without a row, or a row without a setting, is an error.
"""

import argparse
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from handlers.domain.config.applications import load_applications
from handlers.domain.config.clusters import load_clusters
from handlers.domain.model.colors import COLORS
from handlers.domain.model.durations import in_words
from handlers.domain.model.measurements import Query
from handlers.domain.model.verification_settings import (
    LogCheck,
    MetricCheck,
    Reactions,
    SmokeCheck,
)

PAGE: Final = Path(__file__).parent / "settings.md"
REQUIRED: Final = "must be given"
NONE: Final = "none"
_ROW: Final = re.compile(r"^(\| `([a-z_.]+)` \| .+? \|)[^|]*\|$", re.MULTILINE)
_CHECKS: Final = re.compile(r"(<!-- checks: .*? -->\n)(.*?)(<!-- end of checks -->)", re.DOTALL)
_NAME: Final = "web"
_APPLICATION: Final = {"cluster": "recipes", "namespace": "<namespace>"}
_SPOT: Final = {"on_demand": "on-demand", "group": "spot", "most": 1}
_CHOSEN: Final = "one of three"


class PageError(ValueError):
    """The page and the code differ in which settings there are."""


def defaults() -> dict[str, str]:
    """Return what each setting is unless a file says otherwise: setting → as people write it."""
    (application,) = load_applications({_NAME: _APPLICATION}).values()
    (cluster,) = load_clusters({"recipes": {"spot": _SPOT}}).values()
    added = MetricCheck(name="added", query=application.verification.metrics["cpu"].query)
    log = application.verification.logs["errors"]
    found = dict(_of(application, "rules", "verification", "images", "name"))
    found |= {"cluster": REQUIRED, "channel": "the deployment's `SLACK_CHANNEL`", "namespace": NONE}
    found |= _of(application.rules["red"], "people", prefix="approvals.")
    found |= {"people.identity": _written(str(application.rules["red"].people.identity))}
    found |= _of(application.images, prefix="images.")
    found |= _of(application.verification, "metrics", "logs", prefix="verification.")
    found |= {"verification.metrics": "below", "verification.logs": "below"}
    found["verification.requests"] += ", with `namespace`"
    found |= _of(added, "name", "query", "effect", "reactions", prefix="metrics.")
    found |= _of(Query(), "namespace", "metric", prefix="metrics.")
    found |= {"metrics.metric": f"{REQUIRED}, or `expression`", "metrics.worse": "not compared"}
    found |= {"metrics.off": _written(False)}
    found |= _of(Reactions(), prefix="metrics.")
    found |= {"logs.pattern": REQUIRED, "logs.worse": _effect(log)}
    found |= {"logs.unhealthy": _written(log.reactions.unhealthy)}
    found |= _of(SmokeCheck(url=""), "dry_run", "reactions", prefix="smoke.")
    found |= {"smoke.url": REQUIRED}
    found |= _of(cluster, "name", "spot")
    found |= _of(cluster.spot, "kind", "target", "policy", prefix="spot.")
    found |= _of(cluster.spot and cluster.spot.policy, prefix="spot.")
    found |= {f"spot.{name}": REQUIRED for name in ("on_demand", "most")}
    return found | {f"spot.{kind}": _CHOSEN for kind in ("spot_fleet", "fleet", "group")}


def page(text: str) -> str:
    """Return the page with the code's defaults.

    Raises:
        PageError: a setting has no row, or a row no setting.
    """
    known, told = defaults(), {row[2] for row in _ROW.finditer(text)}
    if told != set(known):
        raise PageError(f"rows of no setting, or settings of no row: {sorted(told ^ set(known))}")
    text = _ROW.sub(lambda row: f"{row[1]} {known[row[2]]} |", text)
    return _CHECKS.sub(lambda found: f"{found[1]}{_checks()}{found[3]}", text)


def _of(settings: Any, *left_out: str, prefix: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401  (any dataclass)
    for field in fields(settings):
        if field.name not in left_out:
            yield f"{prefix}{field.name}", _written(getattr(settings, field.name))


def _written(value: object) -> str:
    """Write a value as people write it in the file."""
    match value:
        case bool():
            return f"`{str(value).lower()}`"
        case int() | float():
            return f"`{value}`"
        case timedelta():
            return f'`"{in_words(value)}"`'
        case str() if value:
            return "the application's name" if value == _NAME else f'`"{value}"`'
        case Mapping() if value == {color: f"{_NAME}-{color}" for color in COLORS}:
            return "`<application>-<color>`"
    return NONE


def _effect(check: MetricCheck | LogCheck) -> str:
    if check.effect is None:
        return "not compared"
    effect = check.effect
    parts = {"times": effect.times, "by": effect.by, "at_least": effect.at_least}
    return f"`{{ {', '.join(f'{name} = {value:g}' for name, value in parts.items() if value)} }}`"


def _checks() -> str:
    (application,) = load_applications({_NAME: _APPLICATION}).values()
    settings = application.verification
    rows = [
        f"| metric `{check.name}` | `{check.query.namespace}/{check.query.metric}`, "
        f"{check.query.statistic}{f', of `{check.of}`' if check.of else ''} "
        f"| {_written(check.at_most)} | {_effect(check)} "
        f"| {_written(check.reactions.unhealthy) if check.decides else 'nothing'} |"
        for check in settings.metrics.values()
    ]
    rows += [
        f"| log `{log.name}` | lines that match `{log.pattern}` | none | {_effect(log)} "
        f"| {_written(log.reactions.unhealthy)} |"
        for log in settings.logs.values()
    ]
    head = (
        "| check | measures | `at_most` | `worse` | `unhealthy` leads to |\n|---|---|---|---|---|"
    )
    return "\n".join([head, *rows, ""])


def main(arguments: Sequence[str]) -> int:
    """Write, or with `--check` say whether the page is out of date; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m docs.write_defaults", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, look only")
    check = parser.parse_args(arguments).check
    text = PAGE.read_text(encoding="utf-8")
    try:
        new = page(text)
    except PageError as error:
        print(f"docs/settings.md: {error}", file=sys.stderr)
        return 1
    if check and new != text:
        print("docs/settings.md is out of date\nmend it with: make docs", file=sys.stderr)
        return 1
    if not check:
        PAGE.write_text(new, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
