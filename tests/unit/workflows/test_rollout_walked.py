import copy

import pytest

from handlers.domain.model.colors import COLORS
from handlers.domain.model.outcomes import ERRORS, RolloutOutcome
from handlers.domain.model.verification_settings import Reaction
from tests.support.moto_interpreter import SILENCE, Raises

INPUT = {"application": "api", "tag": "v1.42.0"}
WAITS = [
    ("await_image", "Wait for the image", "Image there?"),
    ("await_turn", "Wait for its turn", "Its turn?"),
]
BACK = ["Roll back", *(f"Put {color} back" for color in COLORS)]
REFUSALS = ["rejected", "expired", "withdrawn", "roll_back", "a word of tomorrow"]
FAILURES = ["rolled_back", "failed", "superseded", "stopped", "scaled_to_zero", "overdue", "?"]
BAD_REACTIONS = ["roll back", "a word of tomorrow", ""]
HEALTHY = {"verdict": "healthy", "reaction": "go on"}
WATCHING = {"verdict": "watching", "reaction": "look again"}
UNHEALTHY = {"verdict": "unhealthy", "reaction": "roll back"}
UNCLEAR = {"verdict": "no_data", "reaction": "ask"}
APPROVED = {"outcome": "approved"}
STEPS = [
    ("RequestApproval", "Approve"),
    ("DeployColor", "Deploy"),
    ("VerifyColor", "Verify"),
]


def ready(**other):
    return {"rollout": "r", "application": "api", "outcome": "ready", "cause": ""} | other


def over(outcome):
    """The end of a wait before the first question: all that the machine knows of the rollout."""
    return ready(outcome=outcome, cause=f"it is {outcome}")


def ended(outcome):
    error = ERRORS.get(outcome, "")
    return {"outcome": outcome, "error": error, "cause": f"it is {outcome}", "colors": {}}


def script(finish="completed", **answers):
    """Everything goes well, but for what is named (`DeployColor_red=[…]`)."""
    well = {
        "PrepareRollout": [ready()],
        "AwaitImage": [over("pushed")],
        "AwaitTurn": [over("free")],
        "FinishRollout": [ended(finish)],
    }
    for color in COLORS:
        well[f"RequestApproval {color}"] = [{"outcome": "approved"}]
        well[f"DeployColor {color}"] = [{"outcome": "completed"}]
        well[f"VerifyColor {color}"] = [HEALTHY]
        well[f"RollBackColor {color}"] = [{"outcome": "put_back"}]
    return well | {called.replace("_", " "): turns for called, turns in answers.items()}


@pytest.fixture(scope="module")
def hasty(definition):
    """The committed definition with pauses that a test can wait for."""
    machine = copy.deepcopy(definition)
    for state in every_state(machine):
        if state["Type"] == "Wait":
            state["Seconds"] = 0
        for retry in state.get("Retry", ()):
            retry["IntervalSeconds"] = 1
            retry["MaxAttempts"] = 1
    return machine


@pytest.fixture
def walk(interpreter, hasty):
    return lambda answers, given=INPUT: interpreter.walk(hasty, answers, given)


def every_state(machine):
    for state in machine["States"].values():
        yield state
        for branch in state.get("Branches", ()):
            yield from every_state(branch)


def through(*colors):
    """The states of colors that went well."""
    return [
        f"{state.format(color, color.capitalize())}"
        for color in colors
        for state in (
            "Approve {0}",
            "{1} approved?",
            "Deploy {0}",
            "{1} deployed?",
            "Verify {0}",
            "{1} healthy?",
        )
    ]


def before(color):
    return COLORS[: COLORS.index(color)]


def without_questions(visited):
    """The states that do something; those of the rollback's branches in the colors' order."""
    steps = [name for name in visited if not name.endswith("?")]
    branches = [name for name in BACK[1:] if name in steps]
    first = min((steps.index(name) for name in branches), default=len(steps))
    return [*steps[:first], *branches, *(n for n in steps[first:] if n not in branches)]


def test_a_release_that_everybody_likes_goes_red_then_yellow_then_green(walk):
    walked = walk(script())

    assert walked.status == "SUCCEEDED"
    assert walked.output == ended("completed")
    assert walked.visited == [
        "Prepare rollout",
        "Rollout prepared?",
        *through("red", "yellow", "green"),
        "Finish rollout",
        "How did it end?",
        "Rollout completed",
    ]


def test_each_lambda_is_told_what_the_contract_says(walk):
    walked = walk(script())

    prepared = walked.payload("PrepareRollout")
    asked = walked.payload("RequestApproval yellow")
    finished = walked.payload("FinishRollout")
    assert prepared["input"] == INPUT
    assert set(prepared["execution"]) == {"arn", "name", "startedAt"}
    assert asked.pop("token")
    assert asked == {"rollout": "r", "color": "yellow", "about": "release"}
    assert set(walked.payload("DeployColor red")) == {"rollout", "color", "token"}
    assert walked.payload("VerifyColor green") == {"rollout": "r", "color": "green"}
    assert finished["execution"] == prepared["execution"]
    assert finished["state"] == ready(
        approval={"outcome": "approved"},
        deployment={"outcome": "completed"},
        verification={"answer": HEALTHY},
    )


@pytest.mark.parametrize(("word", "wait", "question"), WAITS)
def test_what_is_waited_for_comes_and_all_is_prepared_anew(walk, word, wait, question):
    walked = walk(script(PrepareRollout=[ready(outcome=word), ready()]))

    assert walked.status == "SUCCEEDED"
    prepare = ["Prepare rollout", "Rollout prepared?"]
    assert walked.visited[:7] == [*prepare, wait, question, *prepare, "Approve red"]
    prepared = [payload for called, payload in walked.payloads if called == "PrepareRollout"]
    assert [each["input"] for each in prepared] == [INPUT, INPUT]
    assert set(walked.payload(word.title().replace("_", ""))) == {"rollout", "token"}


def test_a_turn_and_then_an_image_may_both_be_waited_for(walk):
    turns = [ready(outcome="await_turn"), ready(outcome="await_image"), ready()]

    walked = walk(script(PrepareRollout=turns))

    assert walked.status == "SUCCEEDED"
    assert walked.visited.count("Prepare rollout") == 3


@pytest.mark.parametrize("outcome", ["image_not_found", "withdrawn", "a word of tomorrow", None])
@pytest.mark.parametrize(("word", "wait", "question"), WAITS)
def test_what_is_waited_for_in_vain_leads_to_the_finish_with_its_cause(
    walk, word, wait, question, outcome
):
    called = word.title().replace("_", "")
    answers = {"PrepareRollout": [ready(outcome=word)], called: [over(outcome)]}

    walked = walk(script("image_not_found", **answers))

    assert (walked.status, walked.error) == ("FAILED", "ImageNotFound")
    assert walked.visited[2:5] == [wait, question, "Finish rollout"]
    assert walked.payload("FinishRollout")["state"] == over(outcome)


@pytest.mark.parametrize(("word", "wait", "question"), WAITS)
def test_a_wait_that_fails_is_a_fault(walk, word, wait, question):
    called = word.title().replace("_", "")
    answers = {"PrepareRollout": [ready(outcome=word)], called: [Raises("KeyError")]}

    walked = walk(script("fault", **answers))

    assert walked.error == "Fault"
    assert walked.payload("FinishRollout")["state"]["fault"]["Error"] == "KeyError"
    assert question not in walked.visited


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_refused_first_color_leads_straight_to_the_finish(walk, refusal):
    walked = walk(script("rejected", RequestApproval_red=[{"outcome": refusal}]))

    assert (walked.status, walked.error) == ("FAILED", "Rejected")
    assert walked.cause == "it is rejected"
    assert without_questions(walked.visited)[1:] == ["Approve red", "Finish rollout", "Rejected"]


@pytest.mark.parametrize("color", COLORS[1:])
@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_refused_later_color_puts_every_color_back(walk, color, refusal):
    walked = walk(script("rejected", **{f"RequestApproval_{color}": [{"outcome": refusal}]}))

    assert (walked.status, walked.error) == ("FAILED", "Rejected")
    assert f"Deploy {color}" not in walked.visited
    assert without_questions(walked.visited)[-7:] == [
        f"Approve {color}",
        *BACK,
        "Finish rollout",
        "Rejected",
    ]


@pytest.mark.parametrize("color", COLORS)
@pytest.mark.parametrize("failure", FAILURES)
def test_a_deployment_that_did_not_complete_puts_every_color_back(walk, color, failure):
    walked = walk(script("overdue", **{f"DeployColor_{color}": [{"outcome": failure}]}))

    assert (walked.status, walked.error) == ("FAILED", "Overdue")
    assert walked.payload("FinishRollout")["state"]["deployment"] == {"outcome": failure}
    assert without_questions(walked.visited)[-7:] == [
        f"Deploy {color}",
        *BACK,
        "Finish rollout",
        "Overdue",
    ]


@pytest.mark.parametrize("color", COLORS)
@pytest.mark.parametrize("reaction", BAD_REACTIONS)
def test_a_color_that_is_not_healthy_puts_every_color_back(walk, color, reaction):
    seen = {"verdict": "unhealthy", "reaction": reaction}

    walked = walk(script("unhealthy", **{f"VerifyColor_{color}": [seen]}))

    assert (walked.status, walked.error) == ("FAILED", "Unhealthy")
    assert walked.payload("FinishRollout")["state"]["verification"] == {"answer": seen}
    assert without_questions(walked.visited)[-7:] == [
        f"Verify {color}",
        *BACK,
        "Finish rollout",
        "Unhealthy",
    ]


@pytest.mark.parametrize("color", COLORS)
def test_a_color_being_watched_is_looked_at_again(walk, color):
    walked = walk(script(**{f"VerifyColor_{color}": [WATCHING, WATCHING, HEALTHY]}))

    assert walked.status == "SUCCEEDED"
    assert walked.visited.count(f"Watch {color}") == 2
    assert walked.visited.count(f"Verify {color}") == 3


@pytest.mark.parametrize("odd", [{}, {"verdict": "healthy"}, "healthy", None, [HEALTHY]])
def test_an_answer_of_another_shape_never_goes_on(walk, odd):
    walked = walk(script("unhealthy", VerifyColor_red=[odd]))

    assert walked.status == "FAILED"
    assert without_questions(walked.visited)[-7:-1] == ["Verify red", *BACK, "Finish rollout"]


@pytest.mark.parametrize(
    ("called", "state", "between"),
    [
        ("RequestApproval {}", "Approve {}", "Look again at {}'s question"),
        ("DeployColor {}", "Deploy {}", "Look again at {}'s deployment"),
        ("RollBackColor {}", "Put {} back", "Look again at {}'s way back"),
    ],
)
def test_a_wait_that_nobody_ends_is_begun_anew(interpreter, hasty, called, state, between):
    machine = copy.deepcopy(hasty)
    answers = script("unhealthy", VerifyColor_green=[UNHEALTHY])
    for scope in (machine, *machine["States"]["Roll back"]["Branches"]):
        for color in COLORS:
            if state.format(color) in scope["States"]:
                scope["States"][state.format(color)]["TimeoutSeconds"] = 1
    for color in COLORS:
        answers[called.format(color)] = [SILENCE, *answers[called.format(color)]]

    walked = interpreter.walk(machine, answers, INPUT)

    assert walked.error == "Unhealthy"
    for color in COLORS:
        assert walked.visited.count(state.format(color)) == 2
        assert walked.visited.count(between.format(color)) == 1
        tokens = [p["token"] for name, p in walked.payloads if name == called.format(color)]
        assert len(set(tokens)) == 2
    assert "fault" not in walked.payload("FinishRollout")["state"]


@pytest.mark.parametrize(("word", "wait", "question"), WAITS)
def test_a_wait_before_the_first_question_is_begun_anew(interpreter, hasty, word, wait, question):
    machine = copy.deepcopy(hasty)
    machine["States"][wait]["TimeoutSeconds"] = 1
    called = word.title().replace("_", "")
    answers = script(PrepareRollout=[ready(outcome=word), ready()])
    answers[called] = [SILENCE, *answers[called]]

    walked = interpreter.walk(machine, answers, INPUT)

    assert walked.status == "SUCCEEDED"
    assert walked.visited.count(wait) == 2
    tokens = [payload["token"] for name, payload in walked.payloads if name == called]
    assert len(set(tokens)) == 2


@pytest.mark.parametrize("color", COLORS)
@pytest.mark.parametrize(("function", "verb"), STEPS)
def test_a_lambda_that_fails_leads_out_of_its_color(walk, color, function, verb):
    walked = walk(script("fault", **{f"{function}_{color}": [Raises("KeyError")]}))

    changed = (color, verb) != ("red", "Approve")
    assert (walked.status, walked.error) == ("FAILED", "Fault")
    assert walked.payload("FinishRollout")["state"]["fault"]["Error"] == "KeyError"
    out = [f"{verb} {color}", *(BACK if changed else []), "Finish rollout", "Fault"]
    assert without_questions(walked.visited)[-len(out) :] == out


def test_a_prepare_that_fails_leads_to_the_finish_with_its_input(walk):
    walked = walk(script("fault", PrepareRollout=[Raises("KeyError")]))

    state = walked.payload("FinishRollout")["state"]
    assert walked.error == "Fault"
    assert walked.visited[:2] == ["Prepare rollout", "Finish rollout"]
    assert state["fault"]["Error"] == "KeyError"
    assert state["application"] == "api"


def test_a_finish_that_fails_is_a_fault_whose_cause_says_so(walk):
    walked = walk(script(FinishRollout=[Raises("KeyError")]))

    assert (walked.status, walked.error) == ("FAILED", "Fault")
    assert walked.cause.startswith("Finish rollout failed: ")
    assert "KeyError" in walked.cause
    assert "Rollout completed" not in walked.visited


@pytest.mark.parametrize("error", ["Transient", "Lambda.TooManyRequestsException"])
def test_brief_trouble_is_tried_again(walk, error):
    walked = walk(script(VerifyColor_red=[Raises(error), HEALTHY]))

    assert walked.status == "SUCCEEDED"
    assert [name for name, _ in walked.payloads].count("VerifyColor red") == 2


def test_an_invalid_input_ends_at_once_with_its_cause(walk):
    refused = ready(outcome="invalid_input", cause="tag: nothing, expected text")

    walked = walk(script(PrepareRollout=[refused]), given=["not", "an", "object"])

    assert (walked.status, walked.error) == ("FAILED", "InvalidInput")
    assert walked.cause == "tag: nothing, expected text"
    assert walked.visited == ["Prepare rollout", "Rollout prepared?", "InvalidInput"]


@pytest.mark.parametrize("word", ["refused", "a word of tomorrow"])
def test_a_rollout_that_is_refused_changes_nothing(walk, word):
    walked = walk(script("busy", PrepareRollout=[ready(outcome=word, cause="busy")]))

    assert (walked.status, walked.error) == ("FAILED", "ApplicationBusy")
    assert without_questions(walked.visited)[1:] == ["Finish rollout", "ApplicationBusy"]


def test_a_prepare_that_says_nothing_is_not_ready(walk):
    walked = walk(script("fault", PrepareRollout=[{}]))

    assert walked.error == "Fault"
    assert "Approve red" not in walked.visited


def test_an_execution_that_is_only_to_roll_back_does_only_that(walk):
    walked = walk(script("put_back", PrepareRollout=[ready(outcome="roll_back")]))

    assert walked.status == "SUCCEEDED"
    assert without_questions(walked.visited)[1:] == [*BACK, "Finish rollout", "Rollout completed"]


@pytest.mark.parametrize("color", COLORS)
def test_a_color_that_cannot_be_put_back_stops_no_other(walk, color):
    answers = script(
        "rollback_failed",
        DeployColor_green=[{"outcome": "failed"}],
        **{f"RollBackColor_{color}": [Raises("KeyError")]},
    )

    walked = walk(answers)

    assert walked.error == "RollbackFailed"
    expected = [{"outcome": "fault" if other == color else "put_back"} for other in COLORS]
    assert walked.payload("FinishRollout")["state"]["rollback"] == expected
    assert f"{color.capitalize()} not put back" in walked.visited


@pytest.mark.parametrize("outcome", list(ERRORS))
def test_each_bad_ending_is_a_failure_of_its_own_name(walk, outcome):
    walked = walk(script(outcome, RequestApproval_red=[{"outcome": "rejected"}]))

    assert (walked.status, walked.error) == ("FAILED", ERRORS[outcome])
    assert walked.cause == f"it is {outcome}"
    assert walked.visited[-1] == ERRORS[outcome]


@pytest.mark.parametrize(
    "answer",
    [
        {},
        "completed",
        {"outcome": "a word of tomorrow", "error": "", "cause": ""},
        {"outcome": "completed", "error": "ErrorOfTomorrow", "cause": "?"},
        {"outcome": "rejected", "error": "Rejected"},
        {"outcome": "rejected", "error": "Rejected", "cause": 5},
        {"outcome": "rejected", "error": "", "cause": "no error"},
    ],
)
def test_an_ending_that_nobody_knows_is_a_fault_and_never_a_success(walk, answer):
    walked = walk(script(FinishRollout=[answer]))

    assert (walked.status, walked.error) == ("FAILED", "Fault")
    assert walked.cause.startswith("Finish rollout answered: ")


@pytest.mark.parametrize("answer", [{"outcome": "completed"}, ended("put_back")])
def test_a_good_ending_needs_no_error_beside_it(walk, answer):
    assert walk(script(FinishRollout=[answer])).status == "SUCCEEDED"


@pytest.mark.parametrize("answer", [{}, "approved", None, {"outcome": None}, {"outcome": 1}])
def test_an_answer_without_an_outcome_is_no_approval(walk, answer):
    walked = walk(script("rejected", RequestApproval_red=[answer]))

    assert walked.error == "Rejected"
    assert "Deploy red" not in walked.visited


def test_every_outcome_and_reaction_has_been_walked():
    reactions = {each["reaction"] for each in (HEALTHY, WATCHING, UNHEALTHY, UNCLEAR)}
    walked = {*REFUSALS, *FAILURES, "approved", "completed"}

    assert set(Reaction) == reactions
    assert {
        RolloutOutcome.REJECTED,
        RolloutOutcome.EXPIRED,
        RolloutOutcome.WITHDRAWN,
        RolloutOutcome.SUPERSEDED,
    } <= walked
