"""What every Lambda leaves behind: a structured log, metrics and traces, by Powertools.

Built on the first invocation, since importing a handler must touch nothing. Events are
never logged whole: they carry task tokens and signatures.
"""

import logging
from collections.abc import Callable
from functools import cache, wraps
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from handlers.domain.history.audit import LOG
from handlers.domain.model.rollout import Rollout

if TYPE_CHECKING:
    from aws_lambda_powertools import Tracer

Handler = Callable[[Any], Any]


@cache
def logger() -> Logger:
    """Return the process's structured logger.

    What the gateway tells of the audit is written beside its lines, whatever level it logs at.
    """
    made, audit = Logger(), logging.getLogger(LOG)
    audit.setLevel(logging.INFO)
    audit.handlers, audit.propagate = [made.registered_handler], False
    return made


def about(rollout: Rollout, color: str = "") -> None:
    """Key everything that is logged from here on by rollout, application and color."""
    keys = {"rollout": rollout.id, "application": rollout.application, "color": color}
    logger().append_keys(**{key: value for key, value in keys.items() if value})


def count(metric: str, value: float = 1, unit: str = "Count", **dimensions: str) -> None:
    """Record one metric with its dimensions, in CloudWatch's embedded metric format."""
    from aws_lambda_powertools.metrics import MetricUnit, single_metric  # noqa: PLC0415

    with single_metric(name=metric, unit=MetricUnit(unit), value=value) as one:
        for name, text in dimensions.items():
            one.add_dimension(name=name, value=text)


def observed(handler: Handler) -> Callable[[Any, Any], Any]:
    """Log each invocation of a handler, keyed by its request; nothing heavier."""

    @wraps(handler)
    def lambda_handler(event: Any, context: Any) -> Any:  # noqa: ANN401  (Lambda's own types)
        log = logger()
        log.clear_state()
        log.append_keys(function_request_id=getattr(context, "aws_request_id", ""))
        try:
            return handler(event)
        except Exception as error:  # the machine must see it too: logged and raised on
            log.exception("failed", error=type(error).__name__)
            raise

    return lambda_handler


def traced(handler: Handler) -> Callable[[Any, Any], Any]:
    """Log each invocation, and trace it with the AWS calls that it makes."""

    @wraps(handler)
    def traced_handler(event: Any) -> Any:  # noqa: ANN401  (Lambda's own types)
        with _tracer().provider.in_subsegment(f"## {handler.__name__}"):
            return handler(event)

    return observed(traced_handler)


@cache
def _tracer() -> "Tracer":
    """Return the tracer, which turns itself off outside Lambda."""
    from aws_lambda_powertools import Tracer  # noqa: PLC0415  (not on the acknowledgement path)

    return Tracer(patch_modules=["botocore"])
