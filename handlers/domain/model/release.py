"""A release: the images asked for, and the task definition revisions that carry them.

Tested in `test_rollout.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class ColorRelease:
    """What carries a release to one color that keeps a task definition of its own."""

    images: Mapping[str, str] = field(default_factory=dict)
    """Container of that definition → `repository@sha256:…`."""
    revision: str = ""
    """The task definition ARN; empty until it is registered."""


@dataclass(frozen=True, kw_only=True)
class Release:
    """The images asked for, pinned, or the existing revisions that carry them."""

    name: str
    """What people call it: the tag, or the revision's short name."""
    images: Mapping[str, str] = field(default_factory=dict)
    """Container → `repository@sha256:…`; with `by_color`, only of those that were asked for."""
    revision: str = ""
    """The task definition ARN of all colors; empty until it is registered, and with `by_color`."""
    by_color: Mapping[str, ColorRelease] = field(default_factory=dict)
    """Color → what carries it there; empty where all colors run one revision."""

    def revision_for(self, color: str) -> str:
        """Return the revision (ARN) that a color gets; empty until it is registered."""
        own = self.by_color.get(color)
        return own.revision if own else self.revision

    def images_for(self, color: str) -> Mapping[str, str]:
        """Return the images that a color gets: container → image."""
        own = self.by_color.get(color)
        return own.images if own else self.images

    def container_for(self, color: str, container: str) -> str:
        """Return what the container of the settings is called in a color's own definition."""
        own, image = self.images_for(color), self.images.get(container, "")
        called = [name for name, each in own.items() if each == image]
        return container if container in own or not called else called[0]

    @property
    def revisions(self) -> tuple[str, ...]:
        """The revisions (ARNs) that carry it, each once, as far as they are registered."""
        each = (self.revision, *(own.revision for own in self.by_color.values()))
        return tuple(dict.fromkeys(filter(None, each)))
