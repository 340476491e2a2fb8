"""What Parallel and Map states do: they begin branches, and go on after the last one's end.

Tested in `tests/contract/stepfunctions/test_rules_map.py`.
"""

from simulator.stepfunctions.asl_data import Data, Json
from simulator.stepfunctions.asl_definition import Map, Parallel
from simulator.stepfunctions.asl_errors import runtime
from simulator.stepfunctions.execution import RUNNING, Branch, Fork
from simulator.stepfunctions.json_paths import MISSING, Path
from simulator.stepfunctions.state_walk import StateWalk, Step


class ForkWalk(StateWalk):
    """Walks the branches of executions."""

    def enter_parallel(self, branch: Branch, state: Parallel) -> Step:
        """Begin the branches of a Parallel state."""
        self.entered(branch, "ParallelStateEntered", state.name)
        self.mark(branch, "ParallelStateStarted")
        branch.fork = fork = Fork(branch, at_once=len(state.branches))
        execution, data, context = branch.execution, branch.data, branch.context
        fork.branches = [Branch(execution, each, data, fork, context) for each in state.branches]
        return self._start_iterations(branch)

    def enter_map(self, branch: Branch, state: Map) -> Step:
        """Begin the iterations of a Map state, as many as may run at once."""
        self.entered(branch, "MapStateEntered", state.name)
        items = looked_up(state.items, branch.data.value)
        if not isinstance(items, list):
            raise runtime(f"Reference path '{state.items.text}' must point to a list")
        self.mark(branch, "MapStateStarted", {"length": len(items)})
        branch.fork = fork = Fork(branch, at_once=state.at_once)
        for item in items:
            data = Data(item, branch.data.bound)
            context = branch.context.of(data)
            fork.branches.append(Branch(branch.execution, state.iterator, data, fork, context))
        return self._start_iterations(branch)

    def _start_iterations(self, branch: Branch) -> Step:
        """Begin branches, as many as may run at once; go on after the last one's end."""
        fork, execution = branch.fork, branch.execution
        if fork is None:
            return None
        fork.beginning = True
        try:
            while fork.has_room() and fork.failure is None and execution.status == RUNNING:
                each = fork.branches[fork.begun]
                step = self._first(fork, each)
                fork.begun += 1
                self.go(each, step)
        finally:
            fork.beginning = False
        if fork.failure is not None:
            failure, fork.failure = fork.failure, None
            raise failure
        return self._join(branch)

    def _first(self, fork: Fork, branch: Branch) -> Step:
        parent = fork.branch
        if isinstance(parent.state, Map) and parent.state.parameters is not None:
            branch.data = parent.state.parameters.render(parent.data, branch.context)
        branch.last = self.iteration("Started", branch, fork.room)
        return branch.scope.start, branch.data

    def branch_ended(self, branch: Branch) -> None:
        """Note the end of a branch; begin another one, or go on after the last one."""
        fork = branch.within
        if fork is not None:
            fork.ended += 1
            fork.newest = self.iteration("Succeeded", branch, branch.last)
            if fork.begun >= fork.at_once:
                fork.room = branch.last  # and not MapIterationSucceeded, recorded on AWS
            if not fork.beginning:
                self.act(fork.branch, self._start_iterations)

    def _join(self, branch: Branch) -> Step:
        state, fork = branch.state, branch.fork
        if fork is None or not isinstance(state, Parallel | Map):
            return None
        if fork.ended < len(fork.branches):
            return None
        kind = type(state).__name__
        branch.last = fork.newest
        branch.execution.record(f"{kind}StateSucceeded", self.host.now, fork.newest)
        outputs = [each.output for each in fork.branches if each.output is not None]
        bound = 2 + sum(each.bound + 1 for each in outputs)
        data = Data([each.value for each in outputs], bound)
        data = state.result_path.put(branch.data, data) if state.result_path else branch.data
        return self.leave(branch, f"{kind}StateExited", state.name, (data, state.next))


def looked_up(path: Path, value: Json) -> Json:
    """Return what a path leads to, which must be there."""
    found = path.find(value)
    if found is MISSING:
        raise runtime(f"Invalid path '{path.text}': there is nothing in the state's data")
    return found
