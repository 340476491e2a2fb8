"""How fast the Step Functions double walks: `.venv/bin/python -m bench.interpreter_speed`.

The committed definition, with stand-ins for the functions that answer at once: a rollout that
goes well, and one that is turned down at yellow and puts every color back.

Tested by running it.
"""

import argparse
import json
import platform
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, Final

from rich.console import Console

from handlers.domain.model.outcomes import DecisionOutcome, RolloutOutcome, Verdict
from handlers.domain.model.verification_settings import Reaction
from simulator.stepfunctions.asl_definition import Machine
from simulator.stepfunctions.machine import load_file
from simulator.stepfunctions.step_functions_service import StepFunctions

DEFINITION: Final = Path(__file__).parents[1] / "definitions" / "rollout.asl.json"
NOW: Final = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
INPUT: Final = json.dumps({"application": "api", "tag": "v1.42.0"})
MILLISECONDS: Final = 1_000


class Functions:
    """Stand-ins for the functions of a rollout."""

    def __init__(self, service: StepFunctions, refused: str) -> None:
        self._service = service
        self._refused = refused

    def __call__(self, function: str, payload: dict[str, Any]) -> object:
        """Answer as the function would when all goes well, but for what is refused."""
        if function == "PrepareRollout":
            return {"rollout": "r", "application": "api", "outcome": "ready", "cause": ""}
        if function == "VerifyColor":
            return {"verdict": Verdict.HEALTHY, "reaction": Reaction.GO_ON}
        if function == "FinishRollout":
            ended = RolloutOutcome.REJECTED if self._refused else RolloutOutcome.COMPLETED
            error = "Rejected" if self._refused else ""
            return {"outcome": ended, "error": error, "cause": "", "colors": {}}
        answers = {
            "RequestApproval": RolloutOutcome.REJECTED
            if payload["color"] == self._refused
            else DecisionOutcome.APPROVED,
            "DeployColor": RolloutOutcome.COMPLETED,
            "RollBackColor": RolloutOutcome.PUT_BACK,
        }
        output = json.dumps({"outcome": answers[function]})
        self._service.send_task_success(token=payload["token"], output=output)
        return None


def _run(service: StepFunctions, refused: str) -> tuple[str, int, int]:
    arn = service.start_execution(name="bench", input=INPUT)["executionArn"]
    service.run_with(Functions(service, refused))
    execution = service.execution(arn)
    return execution.status, len(execution.visited()), len(execution.history)


def _fresh_run(machine: Machine, refused: str) -> tuple[str, int, int]:
    return _run(StepFunctions(machine, now=NOW), refused)


def _timed(run: Callable[[], object], rounds: int) -> list[float]:
    seconds = []
    for _ in range(rounds):
        before = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - before)
    return seconds


def main() -> None:
    """Measure, and print a line for each kind of rollout."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=2_000)
    rounds = parser.parse_args().rounds
    reading = median(_timed(lambda: load_file(DEFINITION), 20))
    machine = load_file(DEFINITION)
    out = Console(width=100, highlight=False)
    out.print(f"Python {platform.python_version()}, {platform.machine()}, {rounds} rounds")
    out.print(f"reading the definition {reading * MILLISECONDS:.2f} ms, once")
    for name, refused in (("goes well", ""), ("turned down at yellow", "yellow")):
        status, states, events = _fresh_run(machine, refused)
        seconds = _timed(partial(_fresh_run, machine, refused), rounds)
        out.print(
            f"{name}: {status}, {states} states, {events} events, "
            f"median {median(seconds) * MILLISECONDS:.2f} ms, "
            f"{rounds / sum(seconds):,.0f} executions a second"
        )


if __name__ == "__main__":
    main()
