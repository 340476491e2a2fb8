"""The input contract: what a rollout may be asked for with.

The same object comes from Slack, the console, the API and an ECR push. Its JSON Schema
is `definitions/input.schema.json`; a test holds the two against each other.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from handlers.domain.model.colors import COLORS
from handlers.domain.model.execution_names import EXECUTION_NAME
from handlers.domain.model.image_reference import MOST as MOST_OF_AN_IMAGE
from handlers.domain.model.image_reference import RELEASABLE
from handlers.domain.model.principal import MOST_OF_A_PRINCIPAL

TARGETS: Final = ("tag", "image", "images", "taskDefinition", "taskDefinitions", "rollBack")
FIELDS: Final = ("application", *TARGETS, "requestedBy", "reason", "despite", "group")
MAX_REASON: Final = 500
MOST_PROBLEMS: Final = 50
"""Told at once; an execution's cause holds 32,768 characters (API_SendTaskFailure)."""

TAG: Final = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}")
"""A tag as ECR takes it (API_PutImage)."""
REVISION: Final = re.compile(
    r"(arn:aws[a-z-]*:ecs:[^:]+:\d{12}:task-definition/)?[\w-]{1,255}:\d+", re.ASCII
)


class InvalidInput(ValueError):
    """The input cannot start a rollout; the message names every field that is wrong."""


@dataclass(frozen=True, kw_only=True)
class RolloutRequest:
    """What was asked for. Exactly one of the six targets is set."""

    application: str
    tag: str = ""
    image: str = ""
    images: Mapping[str, str] = field(default_factory=dict)
    task_definition: str = ""
    task_definitions: Mapping[str, str] = field(default_factory=dict)
    roll_back: str = ""
    requested_by: str = ""
    reason: str = ""
    despite: str = ""
    """Why to start although the application is unwell."""
    group: str = ""
    """The name of the execution that rolls several applications out as one release."""

    @property
    def called(self) -> str:
        """What people call what was asked for, before anybody has looked it up."""
        asked = (self.task_definition, *self.task_definitions.values())
        revisions = dict.fromkeys(filter(None, (each.rpartition("/")[2] for each in asked)))
        return self.tag or self.image or ", ".join(revisions)


def parse_request(document: object, applications: tuple[str, ...]) -> RolloutRequest:
    """Read an execution's input.

    Args:
        document: the decoded JSON.
        applications: the names that are configured.

    Raises:
        InvalidInput: with one line for every field that is wrong: what was found, what is expected.
    """
    if not isinstance(document, dict):
        raise InvalidInput(
            f"input: found {kind_of(document)}, expected an object such as "
            '{"application": "api", "tag": "v1.42.0"}'
        )
    problems = [
        *unknown_fields(document, FIELDS),
        *_application_problems(document, applications),
        *_target_problems(document),
        *text_problems(document, ("requestedBy", "reason", "despite")),
        *_group_problems(document),
    ]
    refuse(problems)
    return RolloutRequest(
        application=document["application"],
        tag=document.get("tag", ""),
        image=document.get("image", ""),
        images=document.get("images", {}),
        task_definition=document.get("taskDefinition", ""),
        task_definitions=document.get("taskDefinitions", {}),
        roll_back=document.get("rollBack", ""),
        requested_by=document.get("requestedBy", ""),
        reason=document.get("reason", ""),
        despite=document.get("despite", ""),
        group=document.get("group", ""),
    )


def refuse(problems: Sequence[str]) -> None:
    """Refuse an input that has problems, telling as many as an execution's cause holds.

    Raises:
        InvalidInput: with one line for each.
    """
    if problems:
        left = len(problems) - MOST_PROBLEMS
        more = [f"… and {left} more"] if left > 0 else []
        raise InvalidInput("\n".join([*problems[:MOST_PROBLEMS], *more]))


def unknown_fields(document: Mapping[str, object], known: Sequence[str]) -> list[str]:
    """Name the fields of an input that are none."""
    return [
        f"{name[:80]}: is not a field of the input, expected only {', '.join(known)}"
        for name in document
        if name not in known
    ]


def _application_problems(
    document: Mapping[str, object], applications: tuple[str, ...]
) -> list[str]:
    found = document.get("application")
    if found in applications:
        return []
    return [f"application: found {shown(found)}, expected one of {', '.join(applications)}"]


def _target_problems(document: Mapping[str, object]) -> list[str]:
    given = [name for name in TARGETS if name in document]
    if len(given) != 1:
        found = " and ".join(given) or "none of them"
        return [f"{', '.join(TARGETS)}: found {found}, expected exactly one"]
    name = given[0]
    value = document[name]
    if name == "images":
        return _images_problems(value)
    if name == "taskDefinitions":
        return _task_definitions_problems(value)
    pattern, expected = _TARGET_RULES[name]
    return [] if _matches(pattern, value) else [_mismatch(name, value, expected)]


_TARGET_RULES: Final[Mapping[str, tuple[re.Pattern[str], str]]] = {
    "tag": (TAG, "an image tag such as v1.42.0"),
    "image": (RELEASABLE, "an image with a tag or digest such as registry/api:v1.42.0"),
    "taskDefinition": (REVISION, "an existing revision such as api:42"),
    "rollBack": (EXECUTION_NAME, "the name of an earlier rollout"),
}


def _images_problems(value: object) -> list[str]:
    expected = 'an object of container → image such as {"app": "registry/api:v1.42.0"}'
    if not isinstance(value, dict) or not value:
        return [_mismatch("images", value, expected)]
    return [
        _mismatch(f"images.{container[:80]}", image, _TARGET_RULES["image"][1])
        for container, image in value.items()
        if not _matches(RELEASABLE, image)
    ]


def _task_definitions_problems(value: object) -> list[str]:
    if not isinstance(value, dict) or set(value) != set(COLORS):
        expected = f"an object of color → revision with {', '.join(COLORS)}"
        return [_mismatch("taskDefinitions", value, expected)]
    pattern, expected = _TARGET_RULES["taskDefinition"]
    return [
        _mismatch(f"taskDefinitions.{color}", revision, expected)
        for color, revision in value.items()
        if not _matches(pattern, revision)
    ]


def text_problems(document: Mapping[str, object], names: Sequence[str]) -> list[str]:
    """Say which of these fields hold no text, or too long a one."""
    problems = []
    for name in names:
        value = document.get(name, "")
        most = MOST_OF_A_PRINCIPAL if name == "requestedBy" else MAX_REASON
        if not isinstance(value, str):
            problems.append(_mismatch(name, value, "a string"))
        elif len(value) > most:
            problems.append(f"{name}: found {len(value)} characters, expected at most {most}")
    return problems


def _group_problems(document: Mapping[str, object]) -> list[str]:
    if "group" not in document or _matches(EXECUTION_NAME, document["group"]):
        return []
    return [_mismatch("group", document["group"], "the name of a group's execution")]


def _matches(pattern: re.Pattern[str], value: object) -> bool:
    return (
        isinstance(value, str)
        and len(value) <= MOST_OF_AN_IMAGE
        and pattern.fullmatch(value) is not None
    )


def _mismatch(name: str, value: object, expected: str) -> str:
    return f"{name}: found {shown(value)}, expected {expected}"


def shown(value: object) -> str:
    """Write what was found, cut where it is long."""
    most = 80
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= most else text[:most] + "…"


def kind_of(value: object) -> str:
    """Say what was found in place of an object."""
    return {list: "a list", str: "a string", type(None): "nothing"}.get(type(value), "a number")
