"""Reading what people are shown of every color when they are asked, and when they answer.

Tested in `test_approval_snapshot.py`.
"""

from handlers.domain.approvals.approval_snapshot import ColorSnapshot, color_snapshot
from handlers.domain.model.rollout import Rollout, Stage
from handlers.services.ports import Ecs, LoadBalancers


def take_snapshot(rollout: Rollout, ecs: Ecs, balancers: LoadBalancers) -> dict[str, ColorSnapshot]:
    """Look at every color: one call for the services, and a few for each that is released."""
    colors = rollout.colors.values()
    cluster = next(iter(colors)).cluster
    services = ecs.services(cluster, [color.service for color in colors])
    seen: dict[str, ColorSnapshot] = {}
    for color in colors:
        service = services.get(color.service)
        active = service if service and service.active else None
        is_judged = color.stage is Stage.RELEASED and active is not None
        groups = {each.target_group for each in active.load_balancers} if active else set()
        seen[color.color] = color_snapshot(
            rollout,
            color,
            service,
            tasks=ecs.tasks(color.cluster, color.service) if is_judged else (),
            targets={group: balancers.targets(group) for group in groups if is_judged},
        )
    return seen
