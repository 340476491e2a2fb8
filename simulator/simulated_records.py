"""What is on record before a story begins.

Tested in `test_single_faults.py`.
"""

from datetime import datetime, timedelta

from handlers.domain.model.outcomes import RolloutOutcome
from handlers.domain.model.release import Release
from handlers.domain.model.rollout import Rollout


def earlier_rollout(machine: str, name: str, start: datetime) -> Rollout:
    """Return what is on record of an execution of the same name that ended long ago."""
    began = start - timedelta(days=100)
    return Rollout(
        id=name,
        execution=f"{machine.replace(':stateMachine:', ':execution:')}:{name}",
        application="api",
        release=Release(name="v1.0.0"),
        requested_by="U0CAROL",
        reason="",
        started=began,
        colors={},
        outcome=RolloutOutcome.REJECTED,
        cause="It was rejected.",
        ended=began + timedelta(hours=1),
        is_mended=True,
    )
