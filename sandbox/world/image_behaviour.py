"""What the container of an image does once it is started, declared as data by tag.

How it answers requests is declared beside how it starts: its errors, its latency, its use of
memory and CPU. What the noise adds to them is in `traffic`.

A task definition names an image as `…/repository:tag` or, once released, as
`…/repository@sha256:…`. The registry that knows which digest a tag has is outside of the
world, so whoever pushes an image says so with `Images.pin`.

Tested in `tests/sandbox/world/test_world_images.py`.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What one container does. Durations are seconds of world time, from RUNNING on."""

    starts_after_seconds: float = 12.0
    """Pulling and starting: from PENDING to RUNNING."""
    healthy_after_seconds: float = 20.0
    """Until the load balancer's checks pass."""
    never_healthy: bool = False
    """The checks never pass, and the target is unhealthy after `fails_checks_after_seconds`."""
    fails_checks_after_seconds: float = 40.0
    """Until the checks have failed often enough for `unhealthy`."""
    unhealthy_after_seconds: float | None = None
    """A healthy target turns unhealthy after this long."""
    health_description: str = "Health checks failed"
    """What the load balancer says of an unhealthy target."""
    fails_own_check_after_seconds: float | None = None
    """The container's own health check fails after this long; without it, it has none."""
    exits_after_seconds: float | None = None
    """The essential container exits after this long."""
    exit_code: int = 0
    """With which code it exits by itself. When it is asked to stop it exits with 0."""
    exit_reason: str = ""
    """What the container's `reason` says when it exits by itself."""
    start_error: str = ""
    """The container cannot be started at all, and the task stops with this reason."""
    error_rate: float = 0.004
    """Share of its requests that it answers with an error."""
    error_line: str = "Upstream timeout: inventory after {ms} ms"
    """What it logs of such a request; `{ms}` is how long that took. Errors that `default` has
    as well are logged in the words of `default`."""
    latency_ms: float = 210.0
    """How long the slowest hundredth of its requests takes at least (p99)."""
    memory_percent: float = 45.0
    """Memory that it uses, of what the task has."""
    memory_growth_percent_per_minute: float = 0.0
    """Points that are added to it every minute."""
    cpu_percent: float = 30.0
    """CPU that it uses, of what the task has."""
    turns_bad_after_seconds: float = 0.0
    """Until then it answers, and uses memory and CPU, as `default` does."""
    only_in: str = "*"
    """Services (a shell pattern) in which all this is so; in others it does as `default` says."""


_FIELDS = {item.name: item.type for item in fields(Behaviour)}


@dataclass(slots=True)
class ImageBehaviours:
    """Behaviour by image reference.

    Attributes:
        by_tag: tag, or shell-style pattern of tags, → behaviour; the first match counts.
        default: what any other image does.
    """

    by_tag: Mapping[str, Behaviour] = field(default_factory=dict)
    default: Behaviour = field(default_factory=Behaviour)
    _tags: dict[str, str] = field(default_factory=dict)

    def pin(self, digest: str, tag: str) -> None:
        """Record that the image with this digest (`sha256:…`) was pushed under `tag`."""
        self._tags[digest] = tag

    def behaviour(self, reference: str, service: str = "") -> Behaviour:
        """Return the behaviour of a task definition's image in a service."""
        found = self._by_image(reference)
        return found if fnmatchcase(service, found.only_in) else self.default

    def _by_image(self, reference: str) -> Behaviour:
        name, _, digest = reference.partition("@")
        tag = self._tags.get(digest, "") if digest else name.rpartition("/")[2].partition(":")[2]
        if tag in self.by_tag:
            return self.by_tag[tag]
        found = (behaviour for key, behaviour in self.by_tag.items() if fnmatchcase(tag, key))
        return next(found, self.default)


def load_images(path: Path) -> ImageBehaviours:
    """Read a file such as `sandbox/images.toml`.

    Raises:
        ValueError: A table has a key that is not a field of `Behaviour`, or a value of the
            wrong kind. All problems are in one message.
    """
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    default = document.pop("default", {})
    tables = document.pop("tags", {})
    problems = [f"{key}: unknown table; expected `default` or `tags`" for key in document]
    for name, table in {"default": default, **tables}.items():
        problems += _problems(name, table)
    if problems:
        raise ValueError(f"{path.name}:\n  " + "\n  ".join(problems))
    by_tag = {tag: Behaviour(**(default | table)) for tag, table in tables.items()}
    return ImageBehaviours(by_tag, Behaviour(**default))


def _problems(name: str, table: Mapping[str, Any]) -> list[str]:
    found = []
    for key, value in table.items():
        if key not in _FIELDS:
            found.append(f"{name}: unknown key `{key}`; known are {', '.join(_FIELDS)}")
        elif not isinstance(value, _kinds(key)):
            found.append(f"{name}: `{key}` is {value!r}; expected {_FIELDS[key]}")
    return found


def _kinds(key: str) -> tuple[type, ...]:
    kind = type(getattr(Behaviour(), key))
    if key.endswith("_seconds") or kind is float:
        return (int, float)
    return (kind,)
