"""Capacity of container instances, and what an instance lacks for one more task.

Tested in `tests/sandbox/world/test_world_placement.py`.
"""

from dataclasses import dataclass
from typing import Final

from sandbox.world.task_definitions import TaskDefinition
from sandbox.world.world_records import ContainerInstance


@dataclass(frozen=True, slots=True)
class InstanceType:
    """What an instance of an EC2 type registers with: CPU units and MiB.

    Its memory is less than the type's: the system keeps a share (ECS developer guide, "Reserving
    Amazon ECS Linux container instance memory").
    """

    type: str
    cpu: int
    memory: int


M6I_XLARGE: Final = InstanceType("m6i.xlarge", 4096, 15_500)


def shortages(instance: ContainerInstance, definition: TaskDefinition) -> list[str]:
    """Say what an instance lacks for one more task, in ECS's words; nothing where it fits.

    Source: ECS developer guide, "Amazon ECS service event messages".
    """
    lacks = []
    if definition.cpu > instance.remaining_cpu:
        lacks.append("has insufficient CPU units available")
    if definition.memory > instance.remaining_memory:
        lacks.append("has insufficient memory available")
    if not definition.host_ports.isdisjoint(instance.host_ports):
        lacks.append("is already using a port required by your task")
    return lacks
