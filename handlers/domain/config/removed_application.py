"""What of an open rollout the settings do not have any more.

They are deployed at any time. A rollout goes on by what it has recorded, which is where its colors
are; who may answer, and what is measured, are read from the settings each time.

Tested in `test_removed_application.py` and `test_open_rollouts.py`.
"""

from dataclasses import replace

from handlers.domain.config.applications import Application
from handlers.domain.model.rollout import Rollout


def removal(rollout: Rollout, application: Application | None) -> str:
    """Say what of a rollout the settings do not have any more; empty where they have it all.

    Args:
        rollout: as it is recorded.
        application: what the settings have by the name of its application.
    """
    if application is None:
        return f"{rollout.application} is not among the configured applications any more"
    for color in rollout.colors.values():
        began = f"{color.cluster}/{color.service}"
        now = f"{application.cluster}/{application.services.get(color.color, 'no service')}"
        if began != now:
            return f"{rollout.application}'s {color.color} is {now} by now, and was {began}"
    return ""


def as_recorded(application: Application, rollout: Rollout) -> Application:
    """Return an application with the clusters and services of a rollout's record."""
    colors = rollout.colors.values()
    cluster = next((color.cluster for color in colors), application.cluster)
    services = {**application.services, **{color.color: color.service for color in colors}}
    return replace(application, cluster=cluster, services=services)
