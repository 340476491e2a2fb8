"""How often each judge is wrong, and how long it takes: seeded simulations, side by side.

Tested in `test_verification_rates.py`.
"""

import math
import os
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import median
from typing import Final

from bench import judges
from bench.minutes import MAX_BAKE_MINUTES, simulated
from bench.releases import ROWS, Row
from handlers.domain.config.default_checks import ECS_CHECKS, namespace_checks
from handlers.domain.model.evidence import Result
from handlers.domain.model.outcomes import Verdict
from handlers.domain.model.verification_settings import Reaction, Reactions
from handlers.domain.statistics.comparison import Multiplicity, PairedSamples, Sample
from handlers.domain.verification.bake import BakeProgress, bake_verdict
from handlers.domain.verification.metric_check import compare

SHINGO: Final = "Shingo"
WORKERS: Final = 2
PARTS: Final = 8
"""In how many parts the runs of a row are handed out."""
BAKE: Final = 10
"""Minutes."""
REQUESTS: Final = 1_000
CHECKS: Final = ECS_CHECKS | namespace_checks("Recipes")
"""As a new application gets them: errors, latency and memory, their limits and effects."""
REACTIONS: Final = Reactions(inconclusive=Reaction.LOOK_AGAIN)
"""Of a metric: while chance may be the reason, more minutes cost less than a question."""
PASSED, ROLLED_BACK, ASKED = "passed", "rolled back", "asked"
Samples = Mapping[str, PairedSamples]
End = tuple[str, int]
"""How it ended, and at which minute."""


def shingo(bake: Samples) -> End:
    """Watch as the product does: look each minute, and let its own rule say what follows."""
    multiplicity = Multiplicity(looks=MAX_BAKE_MINUTES, checks=len(bake))
    for minute in range(1, MAX_BAKE_MINUTES + 1):
        found = [_result(check, part(all_, minute), multiplicity) for check, all_ in bake.items()]
        if "errors" in bake:
            found.append(_requests(bake["errors"].color, minute))
        end = _ENDS.get(bake_verdict(found, _time(minute)).reaction)
        if end:
            return end, minute
    raise AssertionError("The product's rule did not end the bake.")


_ENDS: Final = {
    Reaction.GO_ON: PASSED,
    Reaction.ROLL_BACK: ROLLED_BACK,
    Reaction.ASK: ASKED,
}


def _time(minute: int) -> BakeProgress:
    begin = datetime(2026, 11, 24, tzinfo=UTC)
    return BakeProgress(
        now=begin + timedelta(minutes=minute),
        earliest_pass=begin + timedelta(minutes=BAKE),
        latest_end=begin + timedelta(minutes=MAX_BAKE_MINUTES),
    )


def _result(check: str, measured: PairedSamples, multiplicity: Multiplicity) -> Result:
    judged = compare(CHECKS[check], measured, multiplicity)
    return _follows(check, judged.verdict, judged.detail)


def _requests(color: Sample, minutes: int) -> Result:
    enough = sum(each or 0 for each in color.totals[:minutes]) >= REQUESTS
    return _follows("requests", Verdict.HEALTHY if enough else Verdict.NO_DATA, "")


def _follows(check: str, verdict: Verdict, detail: str) -> Result:
    return Result(check=check, verdict=verdict, detail=detail, reaction=REACTIONS.to(verdict))


def mann_whitney(bake: Samples) -> End:
    """Roll back at the first look at which a one-sided Mann-Whitney test says 0.05."""
    for minute in range(judges.MIN_MINUTES, BAKE + 1):
        for measured in bake.values():
            color, control = judges.levels_of_both(measured, minute)
            if color and control and judges.mann_whitney(color, control) < 0.05:  # noqa: PLR2004
                return ROLLED_BACK, minute
    return PASSED, BAKE


def kayenta(bake: Samples) -> End:
    """Score each look; below the marginal mark roll back; at the end, below the pass mark too."""
    for minute in range(judges.MIN_MINUTES, BAKE + 1):
        highs = [
            judges.is_high(*judges.levels_of_both(measured, minute), increase=_allowed(check))
            for check, measured in bake.items()
        ]
        score = judges.score(highs, [1.0] * len(highs))
        if score < (judges.PASS if minute == BAKE else judges.MARGINAL):
            return ROLLED_BACK, minute
    return PASSED, BAKE


def _allowed(check: str) -> float:
    effect = CHECKS[check].effect
    return effect.times if effect else 1.0


JUDGES: Final[Mapping[str, Callable[[Samples], End]]] = {
    SHINGO: shingo,
    "Mann-Whitney": mann_whitney,
    "Kayenta's rules": kayenta,
}


def part(measured: PairedSamples, minutes: int) -> PairedSamples:
    """Return the same with only the first minutes of the bake."""
    color, control = measured.color, measured.control
    return PairedSamples(
        color=Sample(values=color.values[:minutes], totals=color.totals[:minutes]),
        control=control
        and Sample(values=control.values[:minutes], totals=control.totals[:minutes]),
        before=measured.before,
        control_before=measured.control_before,
    )


def ends(
    row: Row, seed: str, runs: range, watching: Sequence[str] = tuple(JUDGES)
) -> dict[str, list[End]]:
    """Let the judges watch the same bakes."""
    found: dict[str, list[End]] = {name: [] for name in watching}
    for run in runs:
        random = Random(f"{seed} {row.name} {run}")  # noqa: S311  (a simulation)
        bake = {check: simulated(row.traffic, check, random) for check in row.checks}
        for name in watching:
            found[name].append(JUDGES[name](bake))
    return found


def _batch(row: int, seed: str, begin: int, end: int) -> dict[str, list[End]]:
    return ends(ROWS[row], seed, range(begin, end))


def _cells(row: Row, name: str, all_: Sequence[End]) -> list[str]:
    counts, minutes = Counter(how for how, _ in all_), sorted(at for _, at in all_)
    rolled, passed, asked = (
        f"{100 * counts[each] / len(all_):.2f}" for each in (ROLLED_BACK, PASSED, ASKED)
    )
    late = minutes[math.ceil(0.95 * len(minutes)) - 1]
    cells = ["", passed] if row.is_bad else [rolled, ""]
    return [*cells, *([asked] if name == SHINGO else []), f"{median(minutes):.0f}, {late}"]


def line(row: Row, found: Mapping[str, Sequence[End]]) -> str:
    """Write one row of the table."""
    cells = [cell for name, all_ in found.items() for cell in _cells(row, name, all_)]
    return f"| {row.name} | {' | '.join(cells)} | {len(found[SHINGO]):,} |"


def heading() -> str:
    """Write the table's head."""
    columns = ["false", "missed", "asked", "min"], ["false", "missed", "min"]
    words = [
        f"{name}: {column}" if not at else column
        for name in JUDGES
        for at, column in enumerate(columns[0] if name == SHINGO else columns[1])
    ]
    names = ["the release", *words, "runs"]
    return f"| {' | '.join(names)} |\n|---|{'---:|' * (len(names) - 1)}"


def main() -> None:
    """Print the table; say on stderr how far it is."""
    runs, seed = int(os.environ.get("RUNS", "1000")), os.environ.get("SEED", "1")
    step = max(1, runs // PARTS)
    print(heading())  # noqa: T201
    with ProcessPoolExecutor(max_workers=WORKERS) as pool:
        started = [
            [pool.submit(_batch, at, seed, first, min(first + step, runs)) for first in parts]
            for at, parts in enumerate([range(0, runs, step)] * len(ROWS))
        ]
        for at, (row, batches) in enumerate(zip(ROWS, started, strict=True)):
            print(f"\r{at} of {len(ROWS)} rows", end="", file=sys.stderr, flush=True)  # noqa: T201
            parts = [batch.result() for batch in batches]
            found = {name: [end for part in parts for end in part[name]] for name in JUDGES}
            print(line(row, found), flush=True)  # noqa: T201
    print("\r", end="", file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    main()
