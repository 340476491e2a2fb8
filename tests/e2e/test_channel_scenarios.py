"""Several rollouts at once in one channel of the real sandbox."""

import pytest

from handlers.domain.model.rollout import Stage
from sandbox.scenarios.channel_scenarios import CHANNEL_SCENARIOS, run_at_once
from tests.support.playing import ACCELERATION, BRIEFLY, patient_sandbox

pytestmark = pytest.mark.wire


@pytest.mark.parametrize("name", CHANNEL_SCENARIOS)
def test_each_rollout_has_its_own_questions_and_none_is_left_to_press(name):
    story, asked = CHANNEL_SCENARIOS[name], set()

    def show(rollouts):
        asking = [r for r in rollouts if any(c.stage is Stage.ASKING for c in r.colors.values())]
        asked.add(len(asking))

    with patient_sandbox(
        ACCELERATION, settings=dict.fromkeys(story.applications, BRIEFLY)
    ) as sandbox:
        problems = run_at_once(sandbox, name, story, show=show)

    assert problems == []
    assert max(asked) > 1
