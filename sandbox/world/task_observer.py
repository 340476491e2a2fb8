"""Who wants to know what becomes of tasks."""

from typing import Protocol

from sandbox.world.world_records import Task


class Watcher(Protocol):
    """What the scheduler is to the tasks that it starts."""

    def task_changed(self, task: Task) -> None:
        """Something about the task is different now."""

    def task_healthy(self, task: Task) -> None:
        """The task has become healthy."""

    def task_failed(self, task: Task) -> None:
        """The task ends, and not because the scheduler wanted it to."""
