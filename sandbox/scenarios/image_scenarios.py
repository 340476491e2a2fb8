"""The scenarios of images, builds and pushes. Tested in `tests/e2e/test_scenarios.py`."""

from collections.abc import Mapping
from typing import Final

from handlers.domain.history.audit import EventKind
from handlers.domain.model.outcomes import RolloutOutcome
from sandbox.scenarios.actions import (
    PUSHES,
    double_push_events,
    fail_scan,
    finish_build,
    push_newer_images,
)
from sandbox.scenarios.scenario import Scenario
from sandbox.stories.story import (
    ECR,
    NOBODY,
    RELEASE,
)

IMAGE_SCENARIOS: Final[Mapping[str, Scenario]] = {
    "build-still-running": Scenario(
        description="the image is still being built: the rollout waits for its push, and goes "
        "on then",
        tag=PUSHES[0],
        meanwhile=finish_build,
        audit=(
            (EventKind.REQUESTED, "U0ALICE"),
            (EventKind.ASKED, "shingo"),
            (EventKind.DECIDED, "U0BOB"),
        ),
    ),
    "build-never-finishes": Scenario(
        description="the image is never pushed: the rollout is given up, and says how long it "
        "waited",
        tag="v1.45.0",
        settings={"images": {"wait_for_push": "3 s"}},
        outcome=RolloutOutcome.IMAGE_NOT_FOUND,
        audit=((EventKind.REQUESTED, "U0ALICE"), (EventKind.ENDED, "shingo")),
    ),
    "image-unfit": Scenario(
        description="the scan of the image is waited for, and finds something critical: it is "
        "refused",
        settings={"images": {"refuse_at": "high"}},
        meanwhile=fail_scan,
        outcome=RolloutOutcome.IMAGE_UNFIT,
        audit=((EventKind.REQUESTED, "U0ALICE"), (EventKind.REFUSED_START, "shingo")),
    ),
    "push-starts": Scenario(
        description="a push starts the rollout, though ECR tells of it twice",
        tag=PUSHES[0],
        settings={"images": {"starts_on_push": ["v*"]}},
        by=ECR,
        delays=double_push_events,
        audit=(
            (EventKind.REQUESTED, "ecr"),
            (EventKind.ASKED, "shingo"),
            (EventKind.DECIDED, "U0BOB"),
        ),
    ),
    "push-supersedes": Scenario(
        description="a newer push takes the place of one that waits for its first yes; "
        "a third comes when red has changed, and waits its turn",
        tag=PUSHES[0],
        settings={"images": {"starts_on_push": ["v*"]}},
        by=ECR,
        answers={("red", RELEASE): NOBODY},
        meanwhile=push_newer_images,
        followers=PUSHES[1:],
        outcome=RolloutOutcome.SUPERSEDED_BY_PUSH,
        audit=(
            (EventKind.ASKED, "shingo"),
            (EventKind.ROLL_BACK_ASKED, "shingo"),
            (EventKind.ENDED, "shingo"),
        ),
    ),
}
