from sandbox.host.accelerated_waits import accelerated

ASK = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
    "Parameters": {"FunctionName": "${RequestApproval}"},
    "TimeoutSeconds": 1800,
}
DEPLOY = {**ASK, "Parameters": {"FunctionName": "${DeployColor}"}, "TimeoutSeconds": 600}
PUT_BACK = {**ASK, "Parameters": {"FunctionName": "${RollBackColor}"}, "TimeoutSeconds": 600}
VERIFY = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Parameters": {"FunctionName": "${VerifyColor}"},
    "TimeoutSeconds": 60,
}


def machine(**states):
    return {"StartAt": "a", "TimeoutSeconds": 604800, "States": states}


def test_what_waits_for_the_world_is_shortened_and_what_waits_for_people_is_not():
    definition = machine(ask=ASK, deploy=DEPLOY, watch={"Type": "Wait", "Seconds": 30})

    states = accelerated(definition, 20)["States"]

    assert states["deploy"]["TimeoutSeconds"] == 30
    assert states["watch"]["Seconds"] == 2
    assert states["ask"]["TimeoutSeconds"] == 1800


def test_people_may_be_hurried_too():
    states = accelerated(machine(ask=ASK), 1, people_acceleration=600)["States"]

    assert states["ask"]["TimeoutSeconds"] == 3


def test_branches_of_a_rollback_are_shortened():
    definition = machine(back={"Type": "Parallel", "Branches": [machine(red=PUT_BACK)]})

    branch = accelerated(definition, 60)["States"]["back"]["Branches"][0]

    assert branch["States"]["red"]["TimeoutSeconds"] == 10


def test_nothing_is_shorter_than_a_second():
    definition = machine(deploy=DEPLOY, watch={"Type": "Wait", "Seconds": 30})

    states = accelerated(definition, 100_000)["States"]

    assert (states["deploy"]["TimeoutSeconds"], states["watch"]["Seconds"]) == (1, 1)


def test_all_else_stays_and_the_definition_is_left_alone():
    definition = machine(verify=VERIFY, deploy=DEPLOY)

    paced = accelerated(definition, 60)

    assert paced["TimeoutSeconds"] == 604800
    assert paced["States"]["verify"] == VERIFY
    assert definition["States"]["deploy"]["TimeoutSeconds"] == 600
