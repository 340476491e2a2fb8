"""What a color is observed with."""

from handlers.domain.verification.observation_window import ObservationTools
from handlers.services.context import Context


def observation_tools(context: Context) -> ObservationTools:
    """Return the gateways that an observation of a color asks."""
    gateways = context.gateways
    return ObservationTools(
        ecs=gateways.ecs,
        balancers=gateways.load_balancers,
        metrics=gateways.metrics,
        logs=gateways.logs,
        smoke=gateways.smoke_check,
    )
