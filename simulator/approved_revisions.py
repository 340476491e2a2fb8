"""The invariants of what a color gets: its own definition, with the images that were approved.

Tested in `test_mutations.py`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from handlers.domain.approvals.approval import Subject
from simulator.violations import record_violation


def check_before_deploy(simulation: Any, rollout: Any, color: str) -> None:
    """Check that the revision to be deployed is what people were shown, and nothing else.

    All of it but images is what the color's own family, or the last color's, had before.
    """
    revision = rollout.release.revision_for(color)
    known = simulation.world.task_definitions
    made, ran = known.find(revision), known.find(rollout.colors[color].previous)
    images = _images(made.content)
    if images != dict(rollout.release.images_for(color)):
        record_violation(simulation, "what was approved", f"{color} gets other images: {images}")
    is_kept = _without_images(made.content) == _without_images(ran.content)
    if not is_kept or _own_tags(made.tags) != _own_tags(ran.tags):
        said = f"{color} gets {revision.rpartition('/')[2]}, with more than images changed"
        record_violation(simulation, "its own definition", said)
    for approval in simulation.outside.approvals.records.values():
        is_its = approval.rollout == rollout.id and approval.color == color
        if is_its and approval.about is Subject.RELEASE:
            shown = {revision, ", ".join(images.values())}
            if approval.release not in shown:
                said = f"{color} gets {revision}, and {approval.release} was asked about"
                record_violation(simulation, "what was approved", said)


def _own_tags(tags: Sequence[Mapping[str, str]]) -> list[Mapping[str, str]]:
    return [tag for tag in tags if not tag["key"].startswith("aws:")]


def _images(content: Mapping[str, Any]) -> dict[str, str]:
    return {each["name"]: each["image"] for each in content["containerDefinitions"]}


def _without_images(content: Mapping[str, Any]) -> dict[str, Any]:
    containers = [{**each, "image": ""} for each in content["containerDefinitions"]]
    return {
        **{name: value for name, value in content.items() if value},
        "containerDefinitions": containers,
    }
