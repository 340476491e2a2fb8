"""The last step of every machine, and the ways in which it ends.

Tested in `test_rollout_walked.py`.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from handlers.domain.model.outcomes import GroupOutcome, RolloutOutcome
from workflows.dsl.choices import choose_end
from workflows.dsl.payloads import execution_payload, quoted_cause
from workflows.dsl.retries import TRANSIENT_ERRORS
from workflows.dsl.steps import Step, invoke, replace_state, succeed


def finish(
    what: str,
    function: str,
    *,
    timeout: timedelta,
    well: Sequence[RolloutOutcome | GroupOutcome],
    badly: Mapping[str, Step],
    fault: Step,
) -> tuple[Step, Step]:
    """Succeeds only where the outcome says so; an unknown outcome is a fault.

    Args:
        what: What ends: the word that the names of the states say.
        function: The Lambda function that says how it ended.
        timeout: The timeout of one attempt.
        well: The outcomes that are a success.
        badly: Error → the step in which the machine then ends.
        fault: The one of these for what could not be finished, or has no known end.

    Returns:
        The step that finishes, and the one that then ends the machine.
    """
    name = f"Finish {what}"
    unfinished = replace_state(
        "Finishing failed", {"cause.$": quoted_cause(f"{name} failed", "$.fault")}
    )
    unclear = replace_state("Ending unclear", {"cause.$": quoted_cause(f"{name} answered", "$")})
    unfinished.lead_to(fault)
    unclear.lead_to(fault)
    step = invoke(
        name,
        function,
        {"state.$": "$", "execution": execution_payload()},
        timeout=timeout,
        retries=TRANSIENT_ERRORS,
        on_fault=unfinished,
    )
    end = choose_end(
        "How did it end?",
        well=("$.outcome", well, succeed(f"{what.capitalize()} completed")),
        badly=("$.error", badly),
        otherwise=unclear,
    )
    return step, end
