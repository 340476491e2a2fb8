"""The evidence behind a verdict: what each check found, as it is recorded and shown.

Tested in `test_verdict_record.py`.
"""

from dataclasses import dataclass
from datetime import datetime

from handlers.domain.model.outcomes import Verdict
from handlers.domain.model.verification_settings import Reaction


@dataclass(frozen=True, kw_only=True)
class Result:
    """What one check found."""

    check: str
    """Its name: `tasks`, `alarm api-red-5xx`, `errors`, `log exceptions`, `smoke`."""
    verdict: Verdict
    detail: str
    """One sentence, without markup: what was seen, and against what it was held."""
    value: str = ""
    """The measured value as people read it: `0.4 %`, `212 ms`."""
    control: str = ""
    """The control's, likewise; empty where there is none."""
    series: tuple[float, ...] = ()
    """The color's values over the bake, oldest first, for a sparkline."""
    link: str = ""
    """Where to look closer: the alarm, the metric or the log query, with its time range."""
    dry_run: bool = False
    reaction: Reaction = Reaction.GO_ON
    """What follows from it."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What was found of one color in one look."""

    verdict: Verdict
    """Of all checks that decide, the one that weighs most."""
    reaction: Reaction
    """What follows."""
    detail: str
    """One sentence: the reasons, or what was healthy."""
    since: datetime
    """Begin of the time that was measured."""
    at: datetime
    """When it was looked at."""
    looks: int
    """How many looks there were, this one included."""
    control: tuple[str, ...] = ()
    """The colors that it was compared with; empty: with its own past, which is weaker."""
    results: tuple[Result, ...] = ()
    link: str = ""
    """The dashboard, with the time range; empty where none is configured."""
    overtaken: bool = False
    """Whether a color before this one does not run the release any more: not this one's fault."""

    def result(self, check: str) -> Result | None:
        return next((each for each in self.results if each.check == check), None)
