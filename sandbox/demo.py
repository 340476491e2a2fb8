"""One rollout, shown: `make demo`.

Starts the sandbox, starts a rollout through the API's start-execution, and shows the stages
as they happen. People answer on the channel page; `--auto` plays them.

Tested in `tests/e2e/test_serve.py`.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack

from rich.console import Console
from rich.live import Live
from rich.table import Table

from handlers.domain.config.people import TABLE as PEOPLE
from handlers.domain.model.group import Group
from handlers.domain.model.rollout import Rollout
from handlers.slack.action_ids import Action
from sandbox.host.running_sandbox import running_sandbox
from sandbox.host.sandbox import Sandbox
from sandbox.scenarios import terminal
from sandbox.scenarios.actors import ScenarioTimeoutError
from sandbox.scenarios.catalogue import SCENARIOS
from sandbox.scenarios.channel_scenarios import CHANNEL_SCENARIOS, run_at_once
from sandbox.scenarios.group_scenarios import BRIEFLY, GROUP_SCENARIOS, run_group
from sandbox.scenarios.report import print_summary
from sandbox.scenarios.runner import APPLICATION, Run, run_scenario
from sandbox.scenarios.scenario import Scenario

_LOG_SHOWN = 4000
"""Characters of MiniStack's log that are shown when a rollout did not even begin."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one scenario; return the process's exit status."""
    options = _options(arguments)
    console = Console(stderr=options.auto, highlight=False)
    if options.scenario == "help":
        console.print(_listed())
        return 0
    if options.scenario not in {*SCENARIOS, *GROUP_SCENARIOS, *CHANNEL_SCENARIOS}:
        console.print(f"There is no scenario {options.scenario!r}. There are:", _listed())
        return 2
    shown = _group_shown if options.scenario in GROUP_SCENARIOS else _shown
    shown = _channel_shown if options.scenario in CHANNEL_SCENARIOS else shown
    try:
        return shown(options.scenario, automatic=options.auto, console=console)
    except KeyboardInterrupt:
        console.print("\nInterrupted; the sandbox is gone.")
        return 130
    except ScenarioTimeoutError as error:
        console.print(f"[red]{error}[/]")
        return 1


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make demo", description=(__doc__ or "").partition("\n\nTested")[0]
    )
    parser.add_argument("--scenario", default="happy", help="which story; `help` lists them")
    parser.add_argument("--auto", action="store_true", help="play the people too")
    return parser.parse_args(arguments)


def _listed() -> Table:
    table = Table("SCENARIO", "what happens", "how it ends", box=None, pad_edge=False)
    for name, scenario in SCENARIOS.items():
        table.add_row(name, scenario.description, scenario.outcome)
    for name, story in GROUP_SCENARIOS.items():
        table.add_row(name, story.description, story.outcome)
    for name, together in CHANNEL_SCENARIOS.items():
        table.add_row(name, together.description, together.outcome)
    return table


def _group_shown(name: str, *, automatic: bool, console: Console) -> int:
    """Play several applications as one release."""
    scenario, said = GROUP_SCENARIOS[name], list[str]()

    def show(group: Group) -> None:
        for member in group.in_turn:
            line = f"{member.application}: {member.part.replace('_', ' ')} {member.color}".strip()
            if line not in said:
                said.append(line)
                console.print(line)

    with running_sandbox(settings=dict.fromkeys(scenario.applications, BRIEFLY)) as sandbox:
        console.print(f"The Slack channel: {sandbox.address}")
        console.print(f"{name}: {scenario.description}")
        console.print(f"start-execution {json.dumps(scenario.input_for())}", markup=False)
        run = run_group(sandbox, name, scenario, automatic=automatic, show=show)
    for problem in run.problems:
        console.print(f"[red]wrong:[/] {problem}")
    print(json.dumps(run.result))
    return 1 if run.problems else 0


def _channel_shown(name: str, *, automatic: bool, console: Console) -> int:
    """Play several rollouts at once."""
    scenario = CHANNEL_SCENARIOS[name]
    with running_sandbox(settings=dict.fromkeys(scenario.applications, BRIEFLY)) as sandbox:
        console.print(f"The Slack channel: {sandbox.address}")
        console.print(f"{name}: {scenario.description}")
        problems = run_at_once(sandbox, name, scenario, automatic=automatic)
    for problem in problems:
        console.print(f"[red]wrong:[/] {problem}")
    print(json.dumps({"scenario": name, "problems": problems}))
    return 1 if problems else 0


def _shown(name: str, *, automatic: bool, console: Console) -> int:
    scenario = SCENARIOS[name]
    with ExitStack() as stack:
        began = time.monotonic()
        with console.status("starting the sandbox") as status:
            opening = running_sandbox(
                progress=lambda doing: status.update(f"{doing} ..."),
                settings={APPLICATION: scenario.settings, PEOPLE: scenario.people},
                people_acceleration=scenario.people_acceleration,
            )
            sandbox = stack.enter_context(opening)
        console.print(f"The sandbox is up after {time.monotonic() - began:.1f} s.")
        told = (name, scenario, scenario.input_for(APPLICATION), sandbox.address)
        console.print(terminal.opening(*told, by_hand=not automatic))
        known = _known(sandbox)
        run = _watched(sandbox, name, scenario, automatic=automatic, console=console)
        if run.rollout is None:
            console.print(f"{run.result.execution_status}: {run.result.error}: {run.result.cause}")
            console.print(sandbox.ministack.log.read_text()[-_LOG_SHOWN:], markup=False)
        else:
            print_summary(console, run.rollout, run.result, known | _known(sandbox))
        if not automatic:
            _until_enter(console, sandbox, scenario)
            return 0
        for answer in scenario.then:
            pressed = f"Then bob pressed {_label(answer.action)}"
            console.print(f"{pressed}: a rollout of its own put the changed colors back.")
    for problem in run.problems:
        console.print(f"[red]wrong:[/] {problem}")
    print(run.result.as_json())
    return 1 if run.problems else 0


def _watched(
    sandbox: Sandbox, name: str, scenario: Scenario, *, automatic: bool, console: Console
) -> Run:
    said: list[str] = []
    page = "" if automatic else sandbox.address
    with Live(console=console, auto_refresh=False, transient=True) as live:

        def show(rollout: Rollout | None) -> None:
            if rollout is None:
                return
            live.update(terminal.stages(rollout, page), refresh=True)
            if not console.is_terminal:
                _say_changes(rollout, said, console)

        return run_scenario(sandbox, name, scenario, automatic=automatic, show=show)


def _say_changes(rollout: Rollout, said: list[str], console: Console) -> None:
    """Where nothing can be redrawn, say each stage once, as it is reached."""
    for color in rollout.colors.values():
        line = f"{color.color}: {color.stage.replace('_', ' ')}"
        if color.stage != "waiting" and line not in said:
            said.append(line)
            console.print(line)


def _known(sandbox: Sandbox) -> dict[str, str]:
    """Map the revisions that run now to their images' tags, and user ids to names."""
    tags = {one["taskDefinition"]: one["image"] for one in sandbox.view()["services"]}
    return tags | {person.id: person.name for person in sandbox.workspace.directory.people}


def _until_enter(console: Console, sandbox: Sandbox, scenario: Scenario) -> None:
    """Leave the page up for whoever wants to look at it, where somebody can press Enter."""
    if not (console.is_terminal and sys.stdin.isatty()):
        return
    console.print(f"\nThe page stays up: [bold]{sandbox.address}[/]")
    for answer in scenario.then:
        label = _label(answer.action)
        console.print(f"Its board has a button left for bob: [bold]{label}[/]")
    console.print("Look at the board and its thread, or try `/rollout web v1.42.1 why not` there.")
    console.input("[bold]Enter[/] ends the sandbox. ")


def _label(action: Action) -> str:
    return action.replace("_", " ").capitalize()


if __name__ == "__main__":
    sys.exit(main())
