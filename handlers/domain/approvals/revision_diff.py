"""The differences between two task definition revisions, in short lines for people.

The lines have names and no values: the value of an environment variable, the source of a secret and
the command of a container may be confidential. Only values that cannot be secret are shown: images,
CPU, memory, ports, log drivers and the names of roles.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from handlers.domain.deployments.revision import NOT_READ, REGISTERED, TaskDefinition, comparable
from handlers.domain.model.image_reference import parse_image, read_image

MAX_LINES: Final = 30
MAX_NAMES: Final = 8
"""Names in one line; the board is read on a phone."""
MAX_TEXT: Final = 60
"""Characters of one name or value."""
MAX_REPOSITORY: Final = 120
"""Characters of a repository with its registry: one of ECR is long before its path begins."""
NO_CHANGES: Final = "Nothing changes: this is what runs."

_ARROW: Final = " → "
_SIZES: Final = {"cpu": "cpu", "memory": "memory", "memoryReservation": "memory reservation"}
_FAMILY: Final = {"family": "family"}
_ROLES: Final = {"taskRoleArn": "task role", "executionRoleArn": "execution role"}
_PORTS: Final = {"portMappings": "ports"}
_DRIVER: Final = {"logDriver": "log driver"}
"""Field → its name for people, for each field whose value is shown."""

Part = Mapping[str, Any]
"""A container of a task definition, or the rest of it."""


def revision_changes(before: TaskDefinition, after: TaskDefinition) -> tuple[str, ...]:
    """Return a line for each difference between two revisions.

    Args:
        before: as ECS describes it.
        after: as ECS describes it, or as it is to be registered.
    """
    old, new = _containers(before), _containers(after)
    lines = [f"container {cut(name)} is new" for name in new if name not in old]
    lines += [f"container {cut(name)} is gone" for name in old if name not in new]
    both = [name for name in new if name in old]
    lines += [
        f"{cut(name)}: {text}"
        for tell in (_image, _container)
        for name in both
        for text in tell(old[name], new[name])
    ]
    lines += _task(comparable(before), comparable(after))
    unread = dict.fromkeys([*before.get(NOT_READ, ()), *after.get(NOT_READ, ())])
    lines += (
        [f"not compared, since boto3 does not know it: {_listed(list(unread))}"] if unread else []
    )
    if len(lines) > MAX_LINES:
        lines = [*lines[: MAX_LINES - 1], f"and {len(lines) - MAX_LINES + 1} more differences"]
    return tuple(lines) or (NO_CHANGES,)


def changes_summary(lines: Iterable[str]) -> str:
    """Return one line: the first difference, and how many more there are."""
    first, *others = [*lines, ""]
    more = len(others) - 1
    return f"{first}, and {more} more" if more > 0 else first


def _image(old: Part, new: Part) -> Iterable[str]:
    one, other = str(old.get("image", "")), str(new.get("image", ""))
    yield from _values(old, new, {"image": "image"}, _shown_image(one, other))


def _container(old: Part, new: Part) -> Iterable[str]:
    yield from _names("environment", _named(old, "environment"), _named(new, "environment"))
    yield from _names("secrets", _named(old, "secrets"), _named(new, "secrets"))
    yield from _values(old, new, _SIZES, _plain)
    yield from _values(old, new, _PORTS, _ports)
    yield from _log(old.get("logConfiguration") or {}, new.get("logConfiguration") or {})
    known = {"name", "image", "environment", "secrets", "logConfiguration", *_SIZES, *_PORTS}
    yield from _others(old, new, sorted({*old, *new} - known))


def _task(old: Part, new: Part) -> Iterable[str]:
    yield from _values(old, new, _FAMILY, _plain)
    yield from _values(old, new, _SIZES, _plain)
    yield from _values(old, new, _ROLES, _short_arn)
    yield from _names("volumes", _named(old, "volumes"), _named(new, "volumes"))
    tags = (
        {tag["key"]: tag.get("value", "") for tag in part.get("tags", ())} for part in (old, new)
    )
    yield from _names("tags", *tags)
    known = {"containerDefinitions", "volumes", "tags", *_FAMILY, *_SIZES, *_ROLES}
    yield from _others(old, new, [name for name in REGISTERED if name not in known])


def _log(old: Part, new: Part) -> Iterable[str]:
    yield from _values(old, new, _DRIVER, _plain)
    yield from _names("log options", old.get("options") or {}, new.get("options") or {})
    secret = (_named(each, "secretOptions") for each in (old, new))
    yield from _names("secret log options", *secret)


def _names(what: str, old: Mapping[str, object], new: Mapping[str, object]) -> Iterable[str]:
    """Say which names were added, removed or changed, without their values."""
    came = sorted(set(new) - set(old))
    went = sorted(set(old) - set(new))
    changed = sorted(name for name in set(old) & set(new) if old[name] != new[name])
    parts = [
        f"{_listed(names)} {verb}"
        for names, verb in ((came, "added"), (went, "removed"), (changed, "changed"))
        if names
    ]
    if parts:
        yield f"{what}: {', '.join(parts)}"


def _values(
    old: Part, new: Part, fields: Mapping[str, str], show: Callable[[Any], str]
) -> Iterable[str]:
    for field, name in fields.items():
        one, other = old.get(field) or None, new.get(field) or None
        if one == other:
            continue
        shown = (show(one), show(other))
        yield f"{name} {_ARROW.join(shown)}" if len(set(shown)) > 1 else f"{name} changed"


def _others(old: Part, new: Part, fields: Iterable[str]) -> Iterable[str]:
    """Name the other fields that changed, without their values."""
    changed = [name for name in fields if (old.get(name) or None) != (new.get(name) or None)]
    if changed:
        yield f"{_listed(changed)} changed"


def _containers(definition: TaskDefinition) -> dict[str, Part]:
    """Return the containers in the order that people wrote, without what goes without saying."""
    plain = {each["name"]: each for each in comparable(definition)["containerDefinitions"]}
    return {name: plain[name] for name in (e["name"] for e in definition["containerDefinitions"])}


def _named(part: Part, field: str) -> dict[str, Any]:
    """Return a list of named objects by name; a name that is given twice keeps both."""
    found: dict[str, Any] = {}
    for each in part.get(field) or ():
        rest = {key: value for key, value in each.items() if key != "name"}
        found.setdefault(str(each.get("name", "")), []).append(rest)
    return found


def _ports(mappings: Iterable[Mapping[str, Any]] | None) -> str:
    parts = [
        f"{each.get('containerPort', 'any')}/{each.get('protocol', 'tcp')}"
        + (f" on {each['hostPort']}" if each.get("hostPort") else "")
        for each in mappings or ()
    ]
    return _listed(parts) if parts else _plain(None)


def _shown_image(one: str, other: str) -> Callable[[str], str]:
    """Choose how two images are said: with their registry, or their path, where that changes."""
    before, after = read_image(one), read_image(other)
    if before is None or after is None:
        return cut
    # Whatever host of it is named, an account's registry of ECR is the same.
    if (before.ecr or before.registry) != (after.ecr or after.registry):
        return lambda image: _image_at(image, parse_image(image).repository)
    if before.path != after.path:
        return lambda image: _image_at(image, parse_image(image).path)
    return _short_image


def _image_at(image: str, repository: str) -> str:
    known = parse_image(image)
    end = f"@{known.short_digest}" if known.digest else f":{known.tag}" if known.tag else ""
    return cut(repository, MAX_REPOSITORY) + end


def _short_image(image: str) -> str:
    """Return the beginning of an image's digest, or its name and tag."""
    known = parse_image(image)
    return known.short_digest or cut(known.short)


def _short_arn(arn: str | None) -> str:
    return _plain(arn.rpartition("/")[2] if arn else None)


def _plain(value: object) -> str:
    return "none" if value is None else cut(str(value))


def _listed(names: list[str]) -> str:
    shown = ", ".join(cut(name) for name in names[:MAX_NAMES])
    return shown if len(names) <= MAX_NAMES else f"{shown} and {len(names) - MAX_NAMES} more"


def cut(text: str, most: int = MAX_TEXT) -> str:
    """Shorten a name or a value for a line that is read on a phone."""
    return text if len(text) <= most else text[: most - 1] + "…"
