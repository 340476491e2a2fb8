"""One run of the generated definition, the real handlers and the world, on virtual time."""

import heapq
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from itertools import count
from pathlib import Path
from typing import Any, cast

from handlers.domain.admission.image_push import push_entry
from handlers.domain.admission.image_scan import Manifest, Scan
from handlers.services.sweep import OLD
from sandbox.world.example_world import CLUSTER
from sandbox.world.image_behaviour import ImageBehaviours
from simulator.background_events import BACKGROUND_EVENTS
from simulator.end_invariants import check_at_the_end
from simulator.example_release import NEW_DIGEST, OLD_DIGEST
from simulator.fault_plan import FaultPlan
from simulator.faults import AtClick, AtInvocation
from simulator.group_machine import GROUP, Groups
from simulator.lambda_functions import Function, functions
from simulator.lambda_service import Lambdas
from simulator.outside_calls import OutsideCalls
from simulator.recorded_events import recorded
from simulator.simulated_aws import settled_world
from simulator.simulated_gateways import Outside, start_run
from simulator.simulated_people import People
from simulator.simulated_records import earlier_rollout
from simulator.simulated_story import SimulatedStory
from simulator.stepfunctions.machine import load_file
from simulator.stepfunctions.step_functions_service import StepFunctions

DEFINITION = Path(__file__).parents[1] / "definitions" / "rollout.asl.json"
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LONGEST = timedelta(days=9)
"""A run that takes longer is stuck: an execution may take seven days."""
TAG, OTHER_TAG = "v1.42.0", "v1.42"
BUILD_CACHE = {
    "image-tag": "v1-cache",
    "image-digest": f"sha256:{'c' * 64}",
    "artifact-media-type": "application/vnd.buildkit.cacheconfig.v0",
}
"""What of a push's event says that it is of no image."""
NAME = "api-1"
NEWER = "api-newer"


@cache
def machine() -> Any:
    """Read the committed definition, once."""
    return load_file(DEFINITION)


class Simulation:
    """One run, from its start to when nothing more happens by itself."""

    def __init__(
        self, story: SimulatedStory, fault_plan: FaultPlan | None = None, *, trace: bool = False
    ) -> None:
        self.story = story
        self.fault_plan = fault_plan or FaultPlan()
        self.fault_plan.points = [] if trace else None
        self.now = START
        images = ImageBehaviours()
        images.pin(NEW_DIGEST, TAG)
        images.by_tag = {TAG: story.image}
        self.world = settled_world(
            START,
            images,
            story.applications,
            OLD_DIGEST,
            story.capacity,
            has_families=story.has_families,
        )
        self.states = StepFunctions(machine(), now=START)
        self.groups = Groups(self, START)
        self.machines = (self.states, self.groups.service)
        self.before = {s.name: s.primary.task_definition.arn for s in self.world.services()}
        """Service → the revision that it ran at the start."""
        self.changed_by_others: dict[str, datetime] = {}
        """Service → when someone else changed it last."""
        self.alarm_overrides: dict[str, str] = {}
        """Service → state of its alarm, once that has been changed by a fault."""
        self.slack_down_until = START + story.slack_is_down_for
        self.outside = Outside(self, {} if story.pushed_after else {TAG: NEW_DIGEST})
        self._build()
        self.people = People(self)
        self.lambdas = Lambdas(self)
        self.calls = OutsideCalls(self)
        self.trace: list[str] | None = [] if trace else None
        self.violations: list[str] = []
        self._queue: list[tuple[datetime, int, Callable[[], None]]] = []
        self._numbers = count()
        self._reached: set[Any] = set()
        self._ticking: set[str] = set()

    # What a run consists of.

    def run(self) -> "Simulation":
        """Run until nothing more happens; `violations` then lists what did not hold."""
        start_run(self)
        self._set_up()
        self._schedule()
        self._settle()
        while (at := self._next()) is not None:
            if at - START > LONGEST:
                if self._queue or any(each.next_event_at() for each in self.machines):
                    self.violations.append("ends within its bound: something still goes on")
                break  # what is left is a deployment of somebody else's for which there is no room
            self._advance(at)
        check_at_the_end(self)
        return self

    def _set_up(self) -> None:
        """Have everything as it is when the story begins."""
        if self.story.configuration is not None:
            for service in self.world.services():
                service.configuration = self.story.configuration
        if self.story.name_was_used:
            self.outside.rollouts.create(earlier_rollout(self.states.arn, NAME, START))

    def _schedule(self) -> None:
        """Start the story's execution, and plan what happens beside it."""
        story, people = self.story, self.people
        if story.newer_after is not None:
            self.after(story.newer_after, partial(self.start, NEWER))
        self.start(NAME if story.group is None else GROUP)
        if story.pushed_after:
            self.after(story.pushed_after, self._push)
        for after, text in story.typed.items():
            self.after(after, partial(people.type, "U0CAROL", text))
        for after, (role, answer) in story.called.items():
            self.after(after, partial(people.call, role, answer))
        if story.scanned_after:
            self.after(story.scanned_after, self._scan)
        for after, happens in story.happens.items():
            self.after(after, partial(happens, self))

    @property
    def doubts_answered(self) -> int:
        records = self.outside.approvals.records.values()
        return sum(a.about == "health" and a.decision is not None for a in records)

    def start(self, name: str) -> None:
        """Start the story's execution through the API, or as a push does."""
        machine = self.states if self.story.group is None else self.groups.service
        document = self.story.input_for()
        if self.story.is_pushed:
            known = self.outside.applications[document["application"]]
            self.outside.audit.note(push_entry(name, known, document, self.now))
        machine.start_execution(name=name, input=json.dumps(document, sort_keys=True))
        self.log(f"StartExecution {name}")

    def _build(self) -> None:
        """Set the processors that the running revisions and the image's index name."""
        manifests = _manifests(self.story.built_for)
        self.outside.images.indices |= {NEW_DIGEST: manifests} if manifests else {}
        for service in self.world.services() if self.story.runs_on else ():
            platform = {"cpuArchitecture": self.story.runs_on}
            content = cast("dict[str, Any]", service.primary.task_definition.content)
            content["runtimePlatform"] = platform

    def _push(self) -> None:
        """Push the image, and deliver ECR's event."""
        self.log(f"{TAG} is pushed")
        self.outside.images.digests |= {TAG: NEW_DIGEST, OTHER_TAG: NEW_DIGEST}
        pushed = recorded("ecr_image_pushed")
        for said in (BUILD_CACHE, {}, {"image-tag": OTHER_TAG}):
            self.lambdas.deliver_event(pushed | {"detail": pushed["detail"] | said})
        self.lambdas.deliver_event(recorded("ecr_image_replicated"))

    def _scan(self) -> None:
        """End the image's scan, and deliver ECR's event."""
        self.log(f"{TAG} is scanned")
        scan = Scan(status="COMPLETE", findings=self.story.findings)
        manifests = _manifests(self.story.built_for)
        # Those of other platforms have no scan: whoever asks for one waits for ever.
        scanned = manifests[0].digest if manifests else NEW_DIGEST
        self.outside.images.scans[scanned] = scan
        self.lambdas.deliver_event(recorded("ecr_image_scanned"))

    def primary(self, service: str) -> Any:
        return self.service(service).primary

    def service(self, service: str) -> Any:
        return self.world.clusters[CLUSTER].services[service]

    def alarm_state(self, alarm: str) -> str:
        """Return the state of a service's alarm now."""
        service = alarm.removesuffix("-5xx")
        if self.primary(service).task_definition.arn == self.before[service]:
            return "OK"
        return self.alarm_overrides.get(service) or self.story.health(self, service)

    def after(self, pause: timedelta, action: Callable[[], None]) -> None:
        """Schedule an action."""
        heapq.heappush(self._queue, (self.now + pause, next(self._numbers), action))

    def log(self, words: str) -> None:
        if self.trace is not None:
            self.trace.append(f"{self.now - START!s:>16}  {words}")

    # Time.

    def _next(self) -> datetime | None:
        first = self._queue[0][0] if self._queue else None
        times = [first, *(each.next_event_at() for each in (*self.machines, self.world))]
        return min((each for each in times if each is not None), default=None)

    def _advance(self, to: datetime) -> None:
        self.now = max(self.now, to)
        self.world.advance(self.now)
        for machine in self.machines:
            machine.advance(self.now)
        self._settle()
        while self._queue and self._queue[0][0] <= self.now:
            heapq.heappop(self._queue)[2]()
            self._settle()

    def _settle(self) -> None:
        """Run what is due now, until nothing is left."""
        while True:
            invocations = [(each, m) for m in self.machines for each in m.take_invocations()]
            events = self.world.take_events() + [e for m in self.machines for e in m.take_events()]
            for each, machine in invocations:
                self.lambdas.invoke_for_machine(each, machine)
            for event in events:
                self.lambdas.deliver_event(event)
            if not invocations and not events and not self.groups.sync_rollouts():
                break
        if self.people_should_look:
            self.people_should_look = False
            self.people.read_boards()
        if self.story.meanwhile:
            self._meanwhile()
        self._schedules()

    people_should_look = False

    def _meanwhile(self) -> None:
        for rollout in self.outside.rollouts.records.values():
            for color in rollout.colors.values():
                kind = self.story.meanwhile.get((color.color, color.stage))
                reached = (color.service, color.stage)
                if kind and reached not in self._reached:
                    self._reached.add(reached)
                    self.after(timedelta(seconds=5), partial(self.trigger, kind))

    def _schedules(self) -> None:
        """Run the schedules while there is anything for them to do."""
        rollouts = self.outside.rollouts.records.values()
        held = self.outside.locks.held
        is_open = bool(held) or any(r.is_open or self._awaits_sweep(r) for r in rollouts)
        executions = [*self.executions(), *self.groups.executions()]
        groups = self.outside.group_records.records.values()
        is_open = is_open or any(e.status == "RUNNING" for e in executions)
        is_open = is_open or any(g.is_open or self._awaits_sweep(g) for g in groups)
        for function in functions().values():
            if function.every and function.name not in self._ticking and is_open:
                self._ticking.add(function.name)
                self.after(function.every, partial(self._tick, function))

    def _awaits_sweep(self, ended: Any) -> bool:
        """Whether the sweeper has still to check an ended record."""
        is_done = ended.is_mended and not ended.board_is_behind
        return not is_done and self.now - ended.ended < OLD

    def _tick(self, function: Function) -> None:
        self._ticking.discard(function.name)
        self.lambdas.invoke_async(function, {"source": "aws.scheduler"}, 0)

    def executions(self) -> list[Any]:
        return list(self.states._executions.values())

    def fault_of_click(self, number: int) -> Any:
        """Return the fault that is planned for a click, or None."""
        self.fault_plan.record_point("click", "")
        return self.fault_plan.inject(AtClick, number, "")

    def trigger(self, kind: AtInvocation | Callable[[Any], None]) -> None:
        """Let a background event happen."""
        self.log(str(kind))
        happens = BACKGROUND_EVENTS[kind] if isinstance(kind, AtInvocation) else kind
        happens(self)


def _manifests(architectures: tuple[str, ...]) -> tuple[Manifest, ...]:
    """Make the images of an index, one for each processor."""
    return tuple(
        Manifest(digest=f"sha256:{each:0>64}", system="linux", architecture=each)
        for each in architectures
    )
