"""CloudWatch Logs: which lines of a color's streams match a pattern."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Protocol

from handlers.domain.model.errors import NotThere, ShingoError
from handlers.domain.model.measurements import Lines, Unmeasured
from handlers.domain.model.outcomes import Verdict
from handlers.domain.verification.log_templates import as_template
from handlers.gateways.aws_clients import aws_errors

MOST_STREAMS: Final = 100
"""In one FilterLogEvents."""
MOST_CALLS: Final = 40
"""In one search; a page holds up to 10,000 lines or 1 MB."""
MOST_LINES: Final = 20_000
MOST_EXAMPLES: Final = 3
MOST_READ: Final = 1_000
"""Lines that examples are taken from."""


class CloudWatchLogs(Protocol):
    """What is needed of boto3's client."""

    def filter_log_events(self, **asked: object) -> Mapping[str, Any]: ...


class Logs:
    def __init__(self, client: CloudWatchLogs) -> None:
        self._client = client

    def find(
        self, group: str, streams: Sequence[str], pattern: str, start: datetime, end: datetime
    ) -> Lines | Unmeasured:
        """Count the lines of these streams from start to before end that match the pattern.

        A stream is made when its container starts, so one that is missing holds no lines. Where
        all are missing, nothing was looked at: their names may be wrong.
        Never raises: what cannot be read is `Unmeasured`.
        """
        if not streams:
            return _nothing(f"No task of it writes to {group} yet.")
        if start >= end:
            return _nothing("No time has passed yet.")
        search = _Search(self._client, group, pattern, start, end)
        try:
            search.through(list(dict.fromkeys(streams)))
        except ShingoError as error:
            why = f"The logs could not be read: {error}".removesuffix(".")
            return Unmeasured(verdict=Verdict.ERROR, why=f"{why}.")
        if not search.is_any_there:
            return _nothing(f"{group} has no stream {streams[0]}, nor any other of its tasks.")
        return search.found()


class _Search:
    """One search, over as many calls as it takes."""

    def __init__(
        self, client: CloudWatchLogs, group: str, pattern: str, start: datetime, end: datetime
    ) -> None:
        self._client = client
        self._group = group
        self._asked: dict[str, object] = {
            "logGroupName": group,
            "filterPattern": pattern,
            "startTime": _milliseconds(start),
            # Of a range, CloudWatch Logs takes the last millisecond too.
            "endTime": _milliseconds(end) - 1,
        }
        self._calls = 0
        self._count = 0
        self._first_lines: list[tuple[int, str]] = []
        self._is_whole = True
        self.is_any_there = False

    def through(self, streams: list[str]) -> None:
        """Go through streams.

        One missing stream fails the whole call without being named, so the streams are halved
        until the missing ones are alone. That takes no other permission and, where nothing is
        missing, no other call; asking for a prefix would find every task there ever was.
        """
        batches = [
            streams[begin : begin + MOST_STREAMS] for begin in range(0, len(streams), MOST_STREAMS)
        ]
        while batches:
            batch = batches.pop(0)
            try:
                self._read(batch)
            except NotThere as error:
                if "log group" in str(error):
                    raise
                half = len(batch) // 2
                batches[:0] = [batch[:half], batch[half:]] if half else []

    def _read(self, batch: list[str]) -> None:
        asked = {**self._asked, "logStreamNames": batch}
        while self._calls < MOST_CALLS and self._count < MOST_LINES:
            self._calls += 1
            with aws_errors(f"filter log events of {self._group}"):
                answer = self._client.filter_log_events(**asked)
            self.is_any_there = True
            self._take(answer.get("events", ()))
            # An empty page may have a next one.
            if not answer.get("nextToken"):
                return
            asked["nextToken"] = answer["nextToken"]
        self._is_whole = False

    def _take(self, events: Sequence[Mapping[str, Any]]) -> None:
        self._count += len(events)
        room = MOST_READ - len(self._first_lines)
        self._first_lines += [
            (each.get("timestamp", 0), each.get("message", "")) for each in events[:room]
        ]

    def found(self) -> Lines:
        """Say what was found, with a few lines that differ."""
        examples: dict[str, None] = {}
        for _, message in sorted(self._first_lines):
            examples.setdefault(as_template(message))
            if len(examples) == MOST_EXAMPLES:
                break
        return Lines(count=self._count, examples=tuple(examples), is_whole=self._is_whole)


def _nothing(why: str) -> Unmeasured:
    return Unmeasured(verdict=Verdict.NO_DATA, why=why)


def _milliseconds(time: datetime) -> int:
    return math.ceil(time.timestamp() * 1000)
