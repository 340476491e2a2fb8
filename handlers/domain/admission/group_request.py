"""What a group may be asked for with; its JSON Schema is `definitions/group.schema.json`.

Tested in `test_group_schema.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from handlers.domain.admission.rollout_request import (
    TAG,
    InvalidInput,
    kind_of,
    refuse,
    shown,
    text_problems,
    unknown_fields,
)
from handlers.domain.model.group import AT_ONCE_AT_MOST, IfOneFails, Order

FIELDS: Final = ("applications", "tag", "order", "ifOneFails", "requestedBy", "reason")
FEWEST: Final = 2
MOST: Final = 200
"""Applications of one group: its execution's history holds some 20 events of each, of 25,000."""


@dataclass(frozen=True, kw_only=True)
class GroupRequest:
    applications: tuple[str, ...]
    tag: str
    order: Order
    if_one_fails: IfOneFails
    requested_by: str
    reason: str


def parse_group(document: object, known: tuple[str, ...]) -> GroupRequest:
    """Read the input of a group's execution.

    Args:
        document: the decoded JSON.
        known: the names that are configured.

    Raises:
        InvalidInput: with one line for every field that is wrong: what was found, what is expected.
    """
    if not isinstance(document, dict):
        example = '{"applications": ["web", "api"], "tag": "v1.42.0"}'
        raise InvalidInput(
            f"input: found {kind_of(document)}, expected an object such as {example}"
        )
    problems = [
        *unknown_fields(document, FIELDS),
        *_applications_problems(document, known),
        *_tag_problems(document),
        *_word_problems(document, "order", Order),
        *_word_problems(document, "ifOneFails", IfOneFails),
        *text_problems(document, ("requestedBy", "reason")),
    ]
    refuse(problems)
    return GroupRequest(
        applications=tuple(document["applications"]),
        tag=document["tag"],
        order=Order(document.get("order", Order.IN_ORDER)),
        if_one_fails=IfOneFails(document.get("ifOneFails", IfOneFails.STOP)),
        requested_by=document.get("requestedBy", ""),
        reason=document.get("reason", ""),
    )


def _applications_problems(document: Mapping[str, object], known: tuple[str, ...]) -> list[str]:
    found = document.get("applications")
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        return [f"applications: found {shown(found)}, expected a list of {', '.join(known)}"]
    unknown = [name for name in found if name not in known]
    if unknown:
        return [f"applications: found {shown(unknown)}, expected some of {', '.join(known)}"]
    if len(set(found)) != len(found):
        return ["applications: found one of them twice, expected each once"]
    most = AT_ONCE_AT_MOST if document.get("order") == Order.IN_STEP else MOST
    if not FEWEST <= len(found) <= most:
        when = f" {Order.IN_STEP}" if most != MOST else ""
        return [f"applications: found {len(found)}, expected {FEWEST} to {most}{when}"]
    return []


def _tag_problems(document: Mapping[str, object]) -> list[str]:
    found = document.get("tag")
    if isinstance(found, str) and TAG.fullmatch(found):
        return []
    return [f"tag: found {shown(found)}, expected an image tag such as v1.42.0"]


def _word_problems(document: Mapping[str, object], name: str, words: type[StrEnum]) -> list[str]:
    if name not in document or document[name] in list(words):
        return []
    return [f"{name}: found {shown(document[name])}, expected {' or '.join(words)}"]
