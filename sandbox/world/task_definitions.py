"""Families of task definitions and their revisions.

Tested in `tests/sandbox/world/test_world_task_definitions.py`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.world.identifiers import Identifiers
from sandbox.world.world_errors import ClientError


@dataclass(slots=True, eq=False)
class TaskDefinition:
    """One revision.

    Attributes:
        content: what was registered, in ECS's own field names, without the tags.
    """

    arn: str
    family: str
    revision: int
    content: Mapping[str, Any]
    tags: list[dict[str, str]]
    registered_at: float
    status: str = "ACTIVE"
    deregistered_at: float | None = None

    @property
    def name(self) -> str:
        """Family and revision, as in `api:7`."""
        return f"{self.family}:{self.revision}"

    @property
    def network_mode(self) -> str:
        """`bridge` unless it says otherwise, as on Linux container instances."""
        return str(self.content.get("networkMode", "bridge"))

    @property
    def cpu(self) -> int:
        """CPU units that a task reserves: its own, or else what its containers do."""
        own = self.content.get("cpu")
        return int(own) if own else sum(int(item.get("cpu", 0)) for item in self.containers)

    @property
    def memory(self) -> int:
        """MiB that a task reserves, likewise; of a container the soft limit, if it has one.

        Source: botocore's ECS model, `ContainerDefinition`, `memoryReservation`.
        """
        own = self.content.get("memory")
        if own:
            return int(own)
        return sum(
            int(item.get("memoryReservation") or item.get("memory", 0)) for item in self.containers
        )

    @property
    def host_ports(self) -> frozenset[int]:
        """The ports of the instance that a task must have; none with an address of its own."""
        if self.network_mode == "awsvpc":
            return frozenset()
        mappings = [one for item in self.containers for one in item.get("portMappings", ())]
        return frozenset(int(one["hostPort"]) for one in mappings if one.get("hostPort"))

    @property
    def containers(self) -> list[dict[str, Any]]:
        """The container definitions, in ECS's own field names."""
        return list(self.content["containerDefinitions"])


class TaskDefinitions:
    """Every registered revision; deregistering makes one INACTIVE and removes nothing."""

    def __init__(self, identifiers: Identifiers) -> None:
        """Start with no family at all."""
        self._identifiers = identifiers
        self._families: dict[str, list[TaskDefinition]] = {}

    def register(
        self, content: Mapping[str, Any], tags: list[dict[str, str]], now: float
    ) -> TaskDefinition:
        """Add a revision, even if an identical one exists.

        `content` is kept, not copied.
        """
        family = str(content["family"])
        revisions = self._families.setdefault(family, [])
        revision = len(revisions) + 1
        arn = self._identifiers.arn(f"task-definition/{family}:{revision}")
        made = TaskDefinition(arn, family, revision, content, tags, now)
        revisions.append(made)
        return made

    def find(self, reference: str) -> TaskDefinition:
        """Return a revision by ARN or `family:revision`, or the latest ACTIVE one by family.

        Raises:
            ClientError: There is none.
        """
        family, _, revision = reference.rpartition("/")[2].partition(":")
        revisions = self._families.get(family, [])
        if not revision:
            found = next((item for item in reversed(revisions) if item.status == "ACTIVE"), None)
        elif revision.isdecimal() and 0 < int(revision) <= len(revisions):
            found = revisions[int(revision) - 1]
        else:
            found = None
        if found is None:
            raise ClientError("Unable to describe task definition.")
        return found

    def deregister(self, reference: str, now: float) -> TaskDefinition:
        """Make a revision INACTIVE. Services that use it go on using it.

        Raises:
            ClientError: There is no such revision.
        """
        found = self.find(reference)
        found.status = "INACTIVE"
        found.deregistered_at = now
        return found

    def all(self, family_prefix: str = "", status: str = "ACTIVE") -> Iterator[TaskDefinition]:
        """Yield the revisions of a status by family and revision, oldest first."""
        for family in sorted(self._families):
            if not family_prefix or family == family_prefix:
                yield from (item for item in self._families[family] if item.status == status)
