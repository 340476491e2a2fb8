"""One run: the generated definition, the real handlers and the world, on time that is given.

Single-threaded. Each invocation of a handler is a greenlet, so that a slow call lets everything
else happen meanwhile, at the same virtual time on every machine.
"""

import heapq
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from itertools import count
from pathlib import Path
from typing import Any

from greenlet import getcurrent, greenlet

from handlers.domain.vetting import Scan
from handlers.sweep_rollouts import OLD
from sandbox.states.driven import raised
from sandbox.states.machine import load_file
from sandbox.states.service import StepFunctions
from sandbox.world.example import CLUSTER
from sandbox.world.images import Images
from tests.builders import NEW_DIGEST, OLD_DIGEST
from tests.recorded import recorded
from tests.simulation import invariants
from tests.simulation.aws import world_of
from tests.simulation.faults import AtCall, AtClick, AtEvent, AtInvocation, Fault
from tests.simulation.functions import ASYNC_PAUSES, Function, functions
from tests.simulation.groups import GROUP, Groups
from tests.simulation.misfortunes import OF_SLACK, Died, failure, misfortune
from tests.simulation.others import HAPPENS
from tests.simulation.outside import EVENTUAL, Outside, start_run
from tests.simulation.people import People
from tests.simulation.stories import Story

DEFINITION = Path(__file__).parents[2] / "definitions" / "rollout.asl.json"
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
A_QUARTER = timedelta(minutes=15)
LONGEST = timedelta(days=9)
"""After which a run that goes on is stuck: an execution may take seven days."""
TAG = "v1.42.0"
NAME = "api-1"
NEWER = "api-newer"
_WRITES = ("create", "begin", "reopen", "change", "settle", "answer", "close", "ask", "wait_with", "approve", "remind",
           "decide", "note", "put", "take", "free", "deploy", "register", "start", "post", "edit",
           "whisper", "open_dialog")  # fmt: skip


@cache
def machine() -> Any:
    """Read the committed definition, once."""
    return load_file(DEFINITION)


class Running:
    """One invocation that has begun."""

    def __init__(
        self,
        function: Function,
        deadline: datetime,
        done: Callable[["Running"], None],
        slow_at: int | None,
    ) -> None:
        self.function = function
        self.deadline = deadline
        self.done = done
        self.slow_at = slow_at
        """The call before which others come."""
        self.calls = 0
        self.ran_out = False
        self.greenlet: Any = None
        self.result: Any = None
        self.error: Exception | None = None
        self.died = False


class Fate:
    """What goes wrong where: here, what is listed. `random_fate` draws it."""

    def __init__(self, *faults: Fault) -> None:
        self._by_place = {(type(fault.kind), fault.place): fault.kind for fault in faults}
        self.faults = faults

    def of(self, kind: type, place: int, what: str) -> Any:
        return self._by_place.get((kind, place))


class Simulation:
    """One run, from its start to when nothing more happens by itself."""

    def __init__(self, story: Story, fate: Fate | None = None, *, trace: bool = False) -> None:
        self.story = story
        self.fate = fate or Fate()
        self.now = START
        images = Images()
        images.pin(NEW_DIGEST, TAG)
        images.by_tag = {TAG: story.image}
        self.world = world_of(START, images, story.applications, OLD_DIGEST)
        self.states = StepFunctions(machine(), now=START)
        self.groups = Groups(self, START)
        self.before = {s.name: s.primary.task_definition.arn for s in self.world.services()}
        """Service → the revision that it ran at the start."""
        self.touched: dict[str, datetime] = {}
        """Service → when someone else changed it last."""
        self.weather: dict[str, str] = {}
        """Service → state of its alarm, once that has been changed by a fault."""
        self.slack_down_until = START
        self.outside = Outside(self, {} if story.pushed_after else {TAG: NEW_DIGEST})
        self.people = People(self)
        self.running: Running | None = None
        self.calls = self.invocations = self.events = 0
        self.places: list[tuple[str, str]] | None = [] if trace else None
        """What happened at each place, if that is to be remembered: kind and words."""
        self.trace: list[str] | None = [] if trace else None
        self.violations: list[str] = []
        self.happened: set[Fault] = set()
        self.misfortunes: set[tuple[str, str]] = set()
        """Outside call and what went wrong with it."""
        self._queue: list[tuple[datetime, int, Callable[[], None]]] = []
        self._numbers = count()
        self._remembered: dict[tuple[str, str], Any] = {}
        self._held_back: list[Any] = []
        self._reached: set[Any] = set()
        self._hub = getcurrent()
        self._ticking: set[str] = set()

    # What a run consists of.

    def run(self) -> "Simulation":
        """Let it all happen; what does not hold is in `violations` afterwards."""
        start_run(self)
        if self.story.newer_after is not None:
            self.after(self.story.newer_after, partial(self.start, NEWER, self.story.by))
        if self.story.group is None:
            self.start(NAME, self.story.by)
        else:
            self.start_group(self.story.group)
        if self.story.pushed_after:
            self.after(self.story.pushed_after, self._push)
        if self.story.scanned_after:
            self.after(self.story.scanned_after, self._scan)
        self._settle()
        while (at := self._next()) is not None:
            if at - START > LONGEST:
                self.violations.append("ends within its bound: something still goes on")
                break
            self._advance(at)
        invariants.at_the_end(self)
        return self

    @property
    def doubts_answered(self) -> int:
        records = self.outside.approvals.records.values()
        return sum(a.about == "health" and a.decision is not None for a in records)

    def start(self, name: str, by: str) -> None:
        """Start an execution through the API."""
        document = {"application": "api", "requestedBy": by, "tag": self.story.tag}
        self.states.start_execution(name=name, input=json.dumps(document, sort_keys=True))
        self.say(f"StartExecution {name}")

    def start_group(self, asked: Mapping[str, Any]) -> None:
        """Start a group through the API."""
        document = {"applications": list(self.story.applications), "requestedBy": self.story.by}
        document |= {"tag": self.story.tag, **asked}
        self.groups.service.start_execution(name=GROUP, input=json.dumps(document))
        self.say(f"StartExecution {GROUP}")

    def _push(self) -> None:
        """Have the build push its image at last, and ECR tell of it."""
        self.say(f"{TAG} is pushed")
        self.outside.images.digests[TAG] = NEW_DIGEST
        self.bring(recorded("ecr_image_pushed"))

    def _scan(self) -> None:
        """Have the image's scan end, and ECR tell of it."""
        self.say(f"{TAG} is scanned")
        scan = Scan(status="COMPLETE", findings=self.story.findings)
        self.outside.images.scans[NEW_DIGEST] = scan
        self.bring(recorded("ecr_image_scanned"))

    def primary(self, service: str) -> Any:
        return self.service(service).primary

    def service(self, service: str) -> Any:
        return self.world.clusters[CLUSTER].services[service]

    def alarm_state(self, alarm: str) -> str:
        """Say what CloudWatch says of a service's alarm now."""
        service = alarm.removesuffix("-5xx")
        if self.primary(service).task_definition.arn == self.before[service]:
            return "OK"
        return self.weather.get(service) or self.story.health(self, service)

    def after(self, pause: timedelta, action: Callable[[], None]) -> None:
        """Let something happen later."""
        heapq.heappush(self._queue, (self.now + pause, next(self._numbers), action))

    def say(self, words: str) -> None:
        if self.trace is not None:
            self.trace.append(f"{self.now - START!s:>16}  {words}")

    # Time.

    def _next(self) -> datetime | None:
        first = self._queue[0][0] if self._queue else None
        others = (self.states, self.groups.service, self.world)
        times = [first, *(each.next_event_at() for each in others)]
        return min((each for each in times if each is not None), default=None)

    def _advance(self, to: datetime) -> None:
        self.now = max(self.now, to)
        self.world.advance(self.now)
        self.states.advance(self.now)
        self.groups.service.advance(self.now)
        self._settle()
        while self._queue and self._queue[0][0] <= self.now:
            heapq.heappop(self._queue)[2]()
            self._settle()

    def _settle(self) -> None:
        """Do what is to be done now, until nothing is left of it."""
        while True:
            machines = (self.states, self.groups.service)
            invocations = [(each, m) for m in machines for each in m.take_invocations()]
            events = self.world.take_events() + [e for m in machines for e in m.take_events()]
            for each, machine in invocations:
                self._called(each, machine)
            for event in events:
                self.bring(event)
            if not invocations and not events and not self.groups.follow():
                break
        if self.people_should_look:
            self.people_should_look = False
            self.people.look()
        if self.story.meanwhile:
            self._meanwhile()
        self._schedules()

    people_should_look = False
    last_event = ""

    def _meanwhile(self) -> None:
        for rollout in self.outside.rollouts.records.values():
            for color in rollout.colors.values():
                kind = self.story.meanwhile.get((color.color, color.stage))
                reached = (color.service, color.stage)
                if kind and reached not in self._reached:
                    self._reached.add(reached)
                    self.after(timedelta(seconds=5), partial(self._happen, kind))

    def _schedules(self) -> None:
        """Keep schedules going while there is anything that they could be for."""
        rollouts = self.outside.rollouts.records.values()
        held = self.outside.locks.held
        is_open = bool(held) or any(r.is_open or self._is_mended(r) for r in rollouts)
        executions = [*self.executions(), *self.groups.executions()]
        groups = self.outside.group_records.records.values()
        is_open = is_open or any(e.status == "RUNNING" for e in executions)
        is_open = is_open or any(g.is_open or self._is_mended(g) for g in groups)
        for function in functions().values():
            if function.every and function.name not in self._ticking and is_open:
                self._ticking.add(function.name)
                self.after(function.every, partial(self._tick, function))

    def _is_mended(self, ended: Any) -> bool:
        """Whether the sweep still cares for a board."""
        is_done = ended.is_mended and not ended.board_is_behind
        return not is_done and self.now - ended.ended < OLD

    def _tick(self, function: Function) -> None:
        self._ticking.discard(function.name)
        self._deliver(function, {"source": "aws.scheduler"}, 0)

    def executions(self) -> list[Any]:
        return list(self.states._executions.values())

    # Functions.

    def _called(self, call: Any, machine: StepFunctions) -> None:
        """Run a function for a machine, or start the execution that it asks for."""

        def done(invocation: Running) -> None:
            if invocation.died:
                error = "Sandbox.Timedout" if invocation.ran_out else "Lambda.Unknown"
                machine.fail(call, error, raised(error, ""))
            elif invocation.error is not None:
                error = type(invocation.error).__name__
                machine.fail(call, error, raised(error, str(invocation.error)))
            else:
                machine.complete(call, invocation.result)

        fate = self._before(call.machine or call.function)
        if call.machine:
            self._again = None
            self.groups.begin(call, fate)
            return
        if fate is AtInvocation.THROTTLED:
            error = "Lambda.TooManyRequestsException"
            machine.fail(call, error, raised(error, "Rate Exceeded."))
            return
        self._invoke(functions()[call.function], call.payload, done)

    def bring(self, event: Mapping[str, Any]) -> None:
        """Bring an event to whoever wants it, unless it meets its fate."""
        receivers = [each for each in functions().values() if each.wants(event)]
        if not receivers:
            return
        number, self.events = self.events, self.events + 1
        detail = event["detail"]
        words = detail.get("eventName") or detail.get("status") or "alarm"
        self.last_event = words
        self._place("event", words)
        kind = self._fate(AtEvent, number, words)
        held, self._held_back = self._held_back, []
        if kind is AtEvent.OVERTAKEN:
            self._held_back = [(function, event) for function in receivers]
        elif kind is AtEvent.LATE:
            for function in receivers:
                self.after(A_QUARTER, partial(self._deliver, function, event, 0))
        elif kind is not AtEvent.LOST:
            if kind is AtEvent.FOREIGN and "deploymentId" in detail:
                foreign = {**event, "detail": {**detail, "deploymentId": "ecs-svc/0"}}
                self._deliver_to(receivers, foreign)
            self._deliver_to(receivers * 2 if kind is AtEvent.DOUBLED else receivers, event)
        for function, late in held:
            self._deliver(function, late, 0)

    def _deliver_to(self, receivers: list[Function], event: Mapping[str, Any]) -> None:
        for function in receivers:
            self._deliver(function, event, 0)

    def _deliver(self, function: Function, event: Mapping[str, Any], tried: int) -> None:
        """Run a function for an event, and again as Lambda does if it fails."""

        def done(invocation: Running) -> None:
            failed = invocation.died or invocation.error is not None
            if failed and tried < function.retries:
                again = ASYNC_PAUSES[min(tried, 1)]
                self.after(again, lambda: self._deliver(function, event, tried + 1))

        if self._before(function.name) is AtInvocation.THROTTLED:
            self.after(timedelta(minutes=1), lambda: self._deliver(function, event, tried))
            return
        self._invoke(function, event, done)

    def receive(
        self,
        event: Mapping[str, Any],
        answered: Callable[[Any], None],
        *,
        overlapping: bool = False,
    ) -> None:
        """Run the function behind Slack's requests, and hand its answer back."""

        def done(invocation: Running) -> None:
            failed = invocation.died or invocation.error is not None
            answered(None if failed else invocation.result)

        if self._before("ReceiveSlack") is AtInvocation.THROTTLED:
            answered(None)
            return
        self._invoke(functions()["ReceiveSlack"], event, done, overlapping=overlapping)

    def _before(self, function: str) -> Any:
        """Count an invocation, and let happen what is to happen just before it."""
        number, self.invocations = self.invocations, self.invocations + 1
        self._place("invocation", function)
        kind = self._fate(AtInvocation, number, function)
        self._again = kind if kind in {AtInvocation.TWICE, AtInvocation.TWICE_AT_ONCE} else None
        if kind is not None and self._again is None and kind is not AtInvocation.THROTTLED:
            self._happen(kind)
        return kind

    _again: Any = None

    def _invoke(
        self,
        function: Function,
        event: Any,
        done: Callable[[Running], None],
        *,
        overlapping: bool = False,
    ) -> None:
        again, self._again = self._again, None
        if again is AtInvocation.TWICE_AT_ONCE or overlapping:
            self._spawn(function, event, lambda _: None, slow_at=1)
        misfortunes = len(self.happened)
        first = self._spawn(function, event, done)
        if again is AtInvocation.TWICE:
            before = invariants.effects(self)
            self._spawn(function, event, lambda _: None)
            went_well = first.greenlet.dead and not first.died and first.error is None
            if went_well and len(self.happened) == misfortunes:
                invariants.same_effects(self, before, function.name)

    def _spawn(
        self,
        function: Function,
        event: Any,
        done: Callable[[Running], None],
        slow_at: int | None = None,
    ) -> Running:
        invocation = Running(function, self.now + function.timeout, done, slow_at)
        self.say(f"{function.name} begins")

        def work() -> None:
            try:
                invocation.result = function.handler(event, None)
            except Died:
                invocation.died = True
            except Exception as error:  # noqa: BLE001 - whatever a handler raises, Lambda reports
                invocation.error = error

        invocation.greenlet = greenlet(work)
        self._switch(invocation)
        return invocation

    def _switch(self, invocation: Running) -> None:
        before, self.running = self.running, invocation
        invocation.greenlet.switch()
        self.running = before
        if invocation.greenlet.dead:
            how = (
                "dies"
                if invocation.died
                else repr(invocation.error)
                if invocation.error
                else "ends"
            )
            self.say(f"{invocation.function.name} {how}")
            invocation.done(invocation)

    def _pause(self, pause: timedelta) -> None:
        """Let time pass within a handler, and everything else happen."""
        invocation = self.running
        assert invocation is not None
        pause = min(pause, invocation.deadline - self.now)
        self.after(pause, lambda: self._switch(invocation))
        self._hub.switch()
        if self.now >= invocation.deadline:
            invocation.ran_out = True
            raise Died

    # Outside calls.

    def call(self, label: str, effect: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """Make an outside call for a handler, or let it go wrong."""
        number, self.calls = self.calls, self.calls + 1
        self._count(label, args)
        kind = self._fate(AtCall, number, label)
        if self.now < self.slack_down_until and label in OF_SLACK:
            return failure(label, args)
        if label in _TELLING:
            self.people_should_look = True
        elif label == "ecs.deploy":
            invariants.before_deploy(self, *args)
        elif label == "rollouts.settle_color" and "outcome" in kwargs:
            effect = invariants.settling(self, effect)
        elif label == "group_records.move_member":
            effect = self.groups.failing(effect)
        elif label == "rollouts.close":
            invariants.before_close(self, *args, **kwargs)
        if kind is None and label not in EVENTUAL:
            return effect(*args, **kwargs)
        asked = (label, str(args))
        if kind is None:
            result = effect(*args, **kwargs)
        else:
            self.say(f"    {label}: {kind}")
            self.misfortunes.add((label, str(kind)))
            result = misfortune(
                kind,
                label,
                args,
                lambda: effect(*args, **kwargs),
                pause=self._pause,
                remembered=self._remembered.get(asked),
            )
        self._remembered[asked] = result
        return result

    def _count(self, label: str, args: Any) -> None:
        """Count a call of the invocation that makes it, and let others come between."""
        invocation = self.running
        if invocation is None:
            return
        if self.places is not None:
            where = f"{invocation.function.name} {label}"
            self._place("first call" if invocation.calls == 0 else "call", where)
            if label.endswith(_TOLD):
                self.say(f"    {label} {_brief(args)}")
        if invocation.slow_at == invocation.calls:
            self._pause(timedelta(seconds=1))
        invocation.calls += 1

    def _fate(self, kind: type, place: int, what: str) -> Any:
        found = self.fate.of(kind, place, what)
        if found is not None:
            self.happened.add(Fault(found, place))
        return found

    def fate_of_click(self, number: int) -> Any:
        """Return what becomes of a click."""
        self._place("click", "")
        return self._fate(AtClick, number, "")

    def _place(self, kind: str, words: str) -> None:
        if self.places is not None:
            self.places.append((kind, words))

    def _happen(self, kind: AtInvocation) -> None:
        self.say(str(kind))
        HAPPENS[kind](self)


_TOLD = (".deploy", ".answer", ".start", ".decide", ".close", ".post")
"""Calls that a trace shows even when nothing goes wrong with them."""
_TELLING = frozenset({"slack.post", "slack.edit", "light.post", "light.edit"})


def is_write(label: str) -> bool:
    """Whether a call changes something."""
    return label.partition(".")[2].startswith(_WRITES)


def _brief(args: Any) -> str:
    return " ".join(str(each)[:60] for each in args)[:160]
