"""An execution of a state machine, and which record is its own.

A name is free again 90 days after its execution's end, and the ARN with it; records are kept for
longer. So a record belongs to one execution by its ARN and its start.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html

Tested in `test_prepare_rollout.py` and `test_group_verbs.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from handlers.domain.model.execution_names import execution_name
from handlers.domain.model.group import Group
from handlers.domain.model.rollout import Rollout

Record = TypeVar("Record", Rollout, Group)

_SAME_START: Final = timedelta(hours=1)
"""More than clocks differ, and far less than lies between two executions of one name."""


@dataclass(frozen=True, kw_only=True)
class Execution:
    """One execution."""

    arn: str
    name: str
    started: datetime

    def record(self, get: Callable[[str], Record | None]) -> Record | None:
        """Return its record, if it has one.

        Args:
            get: reads a record by its id.
        """
        found = (get(each) for each in (self.name, self._own_id))
        return next((each for each in found if each and self._is_ours(each)), None)

    def record_id(self, get: Callable[[str], Record | None]) -> str:
        """Return the id of its record: its name, unless that is an earlier execution's record."""
        earlier = get(self.name)
        is_free = earlier is None or self._is_ours(earlier)
        return self.name if is_free and get(self._own_id) is None else self._own_id

    @property
    def _own_id(self) -> str:
        return execution_name(self.name, self.started.isoformat())

    def _is_ours(self, record: Rollout | Group) -> bool:
        is_same_start = abs(record.started - self.started) < _SAME_START
        return record.execution == self.arn and is_same_start


def parse_execution(told: Mapping[str, Any]) -> Execution:
    """Read which execution a step belongs to."""
    started = datetime.fromisoformat(told["startedAt"])
    return Execution(arn=told["arn"], name=told["name"], started=started)
