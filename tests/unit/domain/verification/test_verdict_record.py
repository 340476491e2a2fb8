"""What is recorded of a color by its verdict, and what a record says of an earlier one."""

import pytest

from handlers.domain.model.outcomes import DeploymentOutcome, Verdict
from handlers.domain.model.rollout import Stage
from handlers.domain.model.verification_settings import Reaction
from handlers.domain.verification.verdict_record import (
    changes_by,
    late_changes_by,
    recorded_reaction,
)
from tests.support.builders import a_color, an_evidence


@pytest.mark.parametrize(
    ("reaction", "stage", "reads_as"),
    [
        (Reaction.GO_ON, Stage.RELEASED, Reaction.GO_ON),
        (Reaction.ASK, Stage.UNCLEAR, Reaction.ASK),
        (Reaction.ROLL_BACK, Stage.FAILED, Reaction.ROLL_BACK),
        (Reaction.LOOK_AGAIN, Stage.VERIFYING, None),
    ],
)
def test_what_follows_is_recorded_and_read_again(reaction, stage, reads_as):
    evidence = an_evidence(reaction=reaction)

    changes = changes_by(evidence)

    assert (changes["stage"], changes["evidence"]) == (stage, evidence)
    assert recorded_reaction(a_color(stage=stage)) is reads_as


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        ({"verdict": Verdict.UNHEALTHY}, DeploymentOutcome.UNHEALTHY),
        ({"verdict": Verdict.NO_DATA}, DeploymentOutcome.UNVERIFIED),
        ({"verdict": Verdict.UNHEALTHY, "overtaken": True}, DeploymentOutcome.SUPERSEDED),
    ],
)
def test_a_condemned_color_failed_by_its_verdict(given, outcome):
    changes = changes_by(an_evidence(reaction=Reaction.ROLL_BACK, **given))

    assert changes["outcome"] is outcome
    assert changes["failure"]


@pytest.mark.parametrize("reaction", [Reaction.GO_ON, Reaction.ASK, Reaction.LOOK_AGAIN])
def test_a_color_that_was_let_through_stays_so_unless_it_is_condemned(reaction):
    assert late_changes_by(an_evidence(reaction=reaction))["stage"] is Stage.RELEASED
    condemned = an_evidence(reaction=Reaction.ROLL_BACK, verdict=Verdict.UNHEALTHY)
    assert late_changes_by(condemned)["stage"] is Stage.FAILED
