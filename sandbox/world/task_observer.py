"""The port by which tasks report to the scheduler.

Tested in `tests/sandbox/world/test_world_tasks.py`.
"""

from typing import Protocol

from sandbox.world.world_records import Task


class TaskObserver(Protocol):
    """Hears of each change of a task; the scheduler is one."""

    def task_changed(self, task: Task) -> None:
        """React to any change of the task."""

    def task_healthy(self, task: Task) -> None:
        """React to the task's becoming healthy."""

    def task_failed(self, task: Task) -> None:
        """React to an end of the task that the scheduler did not ask for."""
