import json
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from samtranslator.yaml_helper import yaml_parse

from handlers import answer_api
from handlers.gateways.board_records import KEPT
from operations.artifacts import PASSING
from operations.audit_proof import LOG_GROUP
from operations.package import ROOT

TEMPLATE = ROOT / "definitions" / "template.yaml"
MACHINES = ["Rollout", "Group"]

EVERYTHING_ALLOWED = {
    "autoscaling:DescribeAutoScalingGroups": "has no resource types",
    "cloudwatch:DescribeAlarms": "composite alarms are found with all resources alone",
    "cloudwatch:GetMetricData": "has no resource types",
    "ec2:DescribeFleets": "has no resource types",
    "ec2:DescribeSpotFleetRequests": "has no resource types",
    "ecs:DescribeTaskDefinition": "has no resource types",
    "ecs:ListTasks": "asked by service, it names no container instance; bound to our clusters",
    "ecs:DescribeTasks": "bound to our clusters",
    "ecs:DescribeContainerInstances": "bound to our clusters",
    "elasticloadbalancing:DescribeTargetHealth": "has no resource types",
    "inspector2:ListCoverage": "has no resource types",
    "inspector2:ListFindings": "has no resource types",
    "logs:CreateLogDelivery": "log delivery has no resource types",
    "logs:GetLogDelivery": "log delivery has no resource types",
    "logs:UpdateLogDelivery": "log delivery has no resource types",
    "logs:DeleteLogDelivery": "log delivery has no resource types",
    "logs:ListLogDeliveries": "log delivery has no resource types",
    "logs:PutResourcePolicy": "has no resource types",
    "logs:DescribeResourcePolicies": "has no resource types",
    "logs:DescribeLogGroups": "the machine's log, whichever it is",
}
"""What may be done with any resource, and why no narrower one can be named."""


@pytest.fixture(scope="module")
def template():
    return yaml_parse(TEMPLATE.read_text())


def resources(template, kind):
    return {
        name: resource["Properties"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == kind
    }


def functions(template):
    return resources(template, "AWS::Serverless::Function")


def statements(template):
    policies = [
        policy
        for kind in ("AWS::Serverless::Function", "AWS::Serverless::StateMachine")
        for properties in resources(template, kind).values()
        for policy in properties["Policies"]
        if "Statement" in policy
    ]
    managed = resources(template, "AWS::IAM::ManagedPolicy").values()
    policies += [properties["PolicyDocument"] for properties in managed]
    return [statement for policy in policies for statement in policy["Statement"]]


def actions(statement):
    given = statement["Action"]
    return given if isinstance(given, list) else [given]


def test_cfn_lint_finds_nothing_to_say():
    run = subprocess.run(
        [Path(sys.executable).with_name("cfn-lint"), "-c", "I", "-t", TEMPLATE],
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.stdout + run.stderr == ""
    assert run.returncode == 0


def test_every_function_has_its_handler_and_every_verb_its_function(template):
    named = {f["Handler"].split(".")[1] for f in functions(template).values()}

    verbs = {
        path.stem
        for path in (ROOT / "handlers").glob("*.py")
        if "\nlambda_handler = " in path.read_text()
    }

    assert named == verbs
    assert all(
        f["Handler"] == f"handlers.{f['Handler'].split('.')[1]}.lambda_handler"
        for f in functions(template).values()
    )


def test_every_function_runs_the_one_package(template):
    assert {f["CodeUri"] for f in functions(template).values()} == {"../build/lambda.zip"}


@pytest.mark.parametrize("name", MACHINES)
def test_a_machine_gets_exactly_the_placeholders_of_its_definition(template, name):
    machine = resources(template, "AWS::Serverless::StateMachine")[name]
    definition = ROOT / "definitions" / machine["DefinitionUri"]
    placeholders = set(re.findall(r"\$\{(\w+)\}", definition.read_text()))

    assert placeholders == set(machine["DefinitionSubstitutions"])


@pytest.mark.parametrize("name", MACHINES)
def test_a_machine_may_invoke_the_functions_that_it_names_and_no_other(template, name):
    machine = resources(template, "AWS::Serverless::StateMachine")[name]
    (invoke,) = [
        statement
        for statement in machine["Policies"][0]["Statement"]
        if "lambda:InvokeFunction" in actions(statement)
    ]

    filled = machine["DefinitionSubstitutions"].values()
    assert invoke["Resource"] == [value for value in filled if value != {"Ref": "Rollout"}]


def test_the_groups_machine_may_start_follow_and_stop_rollouts_and_hear_of_their_ends(template):
    group = resources(template, "AWS::Serverless::StateMachine")["Group"]
    granted = {a: s["Resource"] for s in group["Policies"][0]["Statement"] for a in actions(s)}

    assert granted["states:StartExecution"] == {"Ref": "Rollout"}
    for action in ("states:DescribeExecution", "states:StopExecution"):
        assert granted[action]["Fn::Sub"].endswith(":execution:${AWS::StackName}-rollout:*")
    for action in ("events:PutTargets", "events:PutRule", "events:DescribeRule"):
        rule = "StepFunctionsGetEventsForStepFunctionsExecutionRule"
        assert granted[action]["Fn::Sub"].endswith(f":rule/{rule}")


@pytest.mark.parametrize("name", MACHINES)
def test_a_machine_logs_errors_and_never_what_it_was_given(template, name):
    machine = resources(template, "AWS::Serverless::StateMachine")[name]

    assert machine["Logging"]["Level"] == "ERROR"
    assert machine["Logging"]["IncludeExecutionData"] is False
    assert machine["Tracing"] == {"Enabled": True}


def test_no_policy_allows_every_action_of_a_service(template):
    granted = {action for statement in statements(template) for action in actions(statement)}

    assert not {action for action in granted if "*" in action}


def test_a_policy_names_its_resources_unless_the_list_above_says_why_not(template):
    unbound = {
        action: statement.get("Condition")
        for statement in statements(template)
        if statement["Resource"] == "*"
        for action in actions(statement)
    }

    ours = {"ArnEquals": {"ecs:cluster": {"Ref": "ClusterArns"}}}
    assert set(unbound) == set(EVERYTHING_ALLOWED)
    for action, why in EVERYTHING_ALLOWED.items():
        assert unbound[action] == (ours if "bound to our clusters" in why else None)


def test_roles_are_passed_to_ecs_tasks_only_and_where_services_are_changed(template):
    (passing,) = [s for s in statements(template) if "iam:PassRole" in actions(s)]
    passers = {name for name, f in functions(template).items() if {"Ref": PASSING} in f["Policies"]}

    assert passing["Resource"] == {"Ref": "TaskRoleArns"}
    assert passing["Condition"] == {
        "StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
    }
    assert passers == {"DeployColor", "RollBackColor"}


def test_secrets_are_named_and_never_held(template):
    environment = template["Globals"]["Function"]["Environment"]["Variables"]
    secrets = {
        key: value for key, value in environment.items() if "TOKEN" in key or "SECRET" in key
    }

    assert secrets == {
        "SLACK_BOT_TOKEN_PARAMETER": {"Ref": "SlackBotTokenParameter"},
        "SLACK_SIGNING_SECRET_PARAMETER": {"Ref": "SlackSigningSecretParameter"},
    }
    assert "xoxb-" not in TEMPLATE.read_text()


def test_handlers_find_every_variable_that_they_read(template):
    given = set(template["Globals"]["Function"]["Environment"]["Variables"])
    source = (ROOT / "handlers" / "runtime.py").read_text()

    unread = {name for name in given if f'"{name}"' not in source}

    assert unread == {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE"}


def test_ecs_events_are_told_by_name_and_not_by_type(template):
    (event,) = functions(template)["FollowDeployment"]["Events"].values()

    assert event["Properties"]["Pattern"] == {
        "source": ["aws.ecs"],
        "detail-type": ["ECS Deployment State Change"],
        "detail": {
            "eventName": [
                "SERVICE_DEPLOYMENT_IN_PROGRESS",
                "SERVICE_DEPLOYMENT_COMPLETED",
                "SERVICE_DEPLOYMENT_FAILED",
            ]
        },
    }


def test_pushes_and_replications_that_worked_and_scans_of_both_kinds_are_followed(template):
    events = functions(template)["FollowPush"]["Events"].values()

    pushed, replicated, scanned, inspected = (event["Properties"]["Pattern"] for event in events)
    assert pushed == {
        "source": ["aws.ecr"],
        "detail-type": ["ECR Image Action"],
        "detail": {"action-type": ["PUSH"], "result": ["SUCCESS"]},
    }
    assert replicated == {
        "source": ["aws.ecr"],
        "detail-type": ["ECR Replication Action"],
        "detail": {"action-type": ["REPLICATE"], "result": ["SUCCESS"]},
    }
    assert scanned == {"source": ["aws.ecr"], "detail-type": ["ECR Image Scan"]}
    assert inspected == {
        "source": ["aws.inspector2"],
        "detail-type": ["Inspector2 Scan"],
        "detail": {"scan-status": ["INITIAL_SCAN_COMPLETE"]},
    }


def test_only_what_a_person_or_a_push_starts_may_start_a_rollout(template):
    starters = {
        name
        for name in functions(template)
        for statement in grants(template, name)
        if "states:StartExecution" in actions(statement)
    }

    # The last follows a push that was lost.
    assert starters == {"ReceiveSlack", "FollowPush", "SweepRollouts"}


def test_what_is_not_taken_goes_into_the_queue_of_lost_events_from_everywhere(template):
    queue = {"Fn::GetAtt": ["LostEvents", "Arn"]}
    told = {name: f for name, f in functions(template).items() if "Events" in f}

    for function in told.values():
        kept = function["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]
        assert kept == {"Type": "SQS", "Destination": queue}
        for event in function["Events"].values():
            assert event["Properties"]["DeadLetterConfig"] == {"Arn": queue}
    assert {name for name, f in functions(template).items() if "EventInvokeConfig" in f} == set(
        told
    )


def test_the_queue_of_lost_events_is_encrypted_kept_long_and_written_by_our_rules_alone(template):
    (queue,) = resources(template, "AWS::SQS::Queue").values()
    ((statement,),) = [
        policy["PolicyDocument"]["Statement"]
        for policy in resources(template, "AWS::SQS::QueuePolicy").values()
    ]

    assert (queue["SqsManagedSseEnabled"], queue["MessageRetentionPeriod"]) == (True, 14 * 86_400)
    assert queue["VisibilityTimeout"] > functions(template)["SweepRollouts"]["Timeout"]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert statement["Condition"]["ArnLike"]["aws:SourceArn"]["Fn::Sub"].endswith(":rule/*")


@pytest.mark.parametrize(
    ("function", "machine"),
    [("FollowExecution", "STATE_MACHINE_ARN"), ("FollowGroup", "GROUP_MACHINE_ARN")],
)
def test_only_the_bad_ends_of_our_own_machines_are_followed(template, function, machine):
    (event,) = functions(template)[function]["Events"].values()
    arn = template["Globals"]["Function"]["Environment"]["Variables"][machine]

    assert event["Properties"]["Pattern"]["detail"] == {
        "status": ["FAILED", "TIMED_OUT", "ABORTED"],
        "stateMachineArn": [arn],
    }


def test_what_ec2_takes_away_is_drained_within_its_two_minutes_or_not_at_all(template):
    drain = functions(template)["DrainSpotInstance"]
    (event,) = drain["Events"].values()
    notice = 120  # seconds

    assert drain["Timeout"] < notice
    assert drain["EventInvokeConfig"]["MaximumEventAgeInSeconds"] == notice
    assert event["Properties"]["RetryPolicy"]["MaximumEventAgeInSeconds"] == notice
    assert event["Properties"]["Pattern"] == {
        "source": ["aws.ec2"],
        "detail-type": [
            "EC2 Spot Instance Interruption Warning",
            "EC2 Instance Rebalance Recommendation",
        ],
    }


def test_spot_follows_launches_and_terminations_and_a_schedule(template):
    changed, drift = functions(template)["MatchSpotCapacity"]["Events"].values()

    assert changed["Properties"]["Pattern"] == {
        "source": ["aws.autoscaling"],
        "detail-type": ["EC2 Instance Launch Successful", "EC2 Instance Terminate Successful"],
    }
    assert (drift["Type"], drift["Properties"]["Schedule"]) == ("Schedule", "rate(10 minutes)")


def test_only_what_is_configured_is_drained_and_resized(template):
    def where(name, action):
        (found,) = [s for s in grants(template, name) if action in actions(s)]
        return found["Resource"], found.get("Condition")

    ours = {"ArnEquals": {"ecs:cluster": {"Ref": "HostClusterArns"}}}
    drained = where("DrainSpotInstance", "ecs:UpdateContainerInstancesState")
    assert drained[1] == ours
    assert where("MatchSpotCapacity", "ecs:DescribeContainerInstances")[1] == ours
    resized = {"ec2:ModifySpotFleetRequest": "SpotFleetArns", "ec2:ModifyFleet": "SpotFleetArns"}
    resized |= {"autoscaling:SetDesiredCapacity": "SpotGroupArns"}
    for action, parameter in resized.items():
        found = [s for s in grants(template, "MatchSpotCapacity") if action in actions(s)]
        assert found[0]["Resource"] == {"Ref": parameter}
        assert not [s for s in found[1:] if re.search("fleet|autoScalingGroup", str(s["Resource"]))]


def test_a_fleet_that_grows_may_launch_what_its_own_configuration_names(template):
    """As https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html."""
    touched = {"ec2:ModifyFleet": {"launch-template", "subnet", "image"}}
    touched["ec2:ModifySpotFleetRequest"] = {"launch-template", "subnet"}

    for action, kinds in touched.items():
        allowed = may(template, "MatchSpotCapacity", "SpotFleetArns")
        statements = [s for s in grants(template, "MatchSpotCapacity") if action in actions(s)]
        launched = re.findall(r":([a-z-]+)/\*", str([s["Resource"] for s in statements]))
        assert action in allowed
        assert set(launched) == kinds


def test_every_table_is_on_demand_and_encrypted(template):
    tables = resources(template, "AWS::DynamoDB::Table")

    assert set(tables) == {"Rollouts", "Approvals", "Deployments", "Locks", "Audit"}
    for table in tables.values():
        assert table["BillingMode"] == "PAY_PER_REQUEST"
        assert table["SSESpecification"] == {"SSEEnabled": True}


def test_every_table_but_the_audit_forgets(template):
    forgets = {"AttributeName": "expires", "Enabled": True}
    tables = resources(template, "AWS::DynamoDB::Table")

    ever = {name for name, t in tables.items() if t.get("TimeToLiveSpecification") != forgets}

    assert ever == {"Audit"}
    assert "TimeToLiveSpecification" not in tables["Audit"]


@pytest.mark.parametrize("name", ["Rollouts", "Audit"])
def test_what_happened_outlives_the_stack_and_can_be_restored(template, name):
    table = template["Resources"][name]

    assert table["DeletionPolicy"] == "RetainExceptOnCreate"
    assert table["UpdateReplacePolicy"] == "Retain"
    restored = table["Properties"]["PointInTimeRecoverySpecification"]
    assert restored == {"PointInTimeRecoveryEnabled": True}


def grants(template, name):
    """List what one function may do with one table: through its own and the shared policies."""
    policies = functions(template)[name]["Policies"]
    managed = resources(template, "AWS::IAM::ManagedPolicy")
    documents = [managed[p["Ref"]]["PolicyDocument"] if "Ref" in p else p for p in policies]
    return [statement for document in documents for statement in document["Statement"]]


def may(template, name, resource):
    return {
        action
        for statement in grants(template, name)
        for action in actions(statement)
        if resource in str(statement["Resource"])
    }


def test_the_audit_is_added_to_by_everyone_read_by_history_and_changed_by_nobody(template):
    allowed = {name: may(template, name, "'Audit'") for name in functions(template)}

    reads = {name for name, granted in allowed.items() if granted - {"dynamodb:PutItem"}}
    silent = {name for name, granted in allowed.items() if not granted}

    assert reads == {"ReceiveSlack", "PrepareRollout"}
    # The first two know no rollout's name, the next leaves the telling to what it wakes, and
    # what a group does is noted by its rollouts.
    assert silent == {
        "DrainSpotInstance",
        "MatchSpotCapacity",
        "AwaitImage",
        "PrepareGroup",
        "BeginApplication",
        "FinishGroup",
        "FollowGroup",
    }
    # Whether a push has asked for the rollout is known by the entry of its request.
    assert allowed["PrepareRollout"] == {"dynamodb:PutItem", "dynamodb:GetItem"}
    assert allowed["ReceiveSlack"] == {"dynamodb:PutItem", "dynamodb:Query"}


def test_answers_without_slack_may_do_no_more_than_answers_with_it(template):
    def all_of(name):
        return {(str(s["Resource"]), a) for s in grants(template, name) for a in actions(s)}

    assert all_of("AnswerApi") < all_of("ReceiveSlack")
    assert not may(template, "AnswerApi", "SlackSigningSecretParameter")
    assert not any(action == "states:StartExecution" for _, action in all_of("AnswerApi"))


def test_evidence_is_looked_at_where_people_are_asked_and_where_they_answer(template):
    looks = {
        name for name, f in functions(template).items() if {"Ref": "LookAtColors"} in f["Policies"]
    }

    assert looks >= {"RequestApproval", "ReceiveSlack", "AnswerApi", "VerifyColor"}


def test_instances_are_listed_where_room_matters_and_in_our_clusters_alone(template):
    listing = {
        name: [s for s in grants(template, name) if "ecs:ListContainerInstances" in actions(s)]
        for name in functions(template)
    }

    assert {name for name, found in listing.items() if found} == {
        "DrainSpotInstance",
        "MatchSpotCapacity",
        "PrepareRollout",
        "ReceiveSlack",
    }
    resources_named = [s["Resource"] for found in listing.values() for s in found]
    refs = sorted(each["Ref"] for each in resources_named)
    assert refs == ["ClusterArns"] * 2 + ["HostClusterArns"] * 2


def routes(template):
    return {r["RouteKey"]: r for r in resources(template, "AWS::ApiGatewayV2::Route").values()}


def test_whoever_does_not_sign_as_slack_signs_with_iam(template):
    kinds = {key: route.get("AuthorizationType") for key, route in routes(template).items()}

    assert kinds == {
        "POST /slack/commands": None,
        "POST /slack/interactions": None,
        "GET /approvals": "AWS_IAM",
        "POST /approvals/{id}/approve": "AWS_IAM",
        "POST /approvals/{id}/reject": "AWS_IAM",
        "POST /approvals/{id}/look-again": "AWS_IAM",
    }


def test_every_answer_that_the_api_takes_has_its_route(template):
    answers = {key.rsplit("/", 1)[-1] for key in routes(template) if "{id}" in key}

    assert answers == set(answer_api._ANSWERS)


def test_a_get_reaches_no_function_that_slack_reaches(template):
    integrations = {
        key: route["Target"]["Fn::Sub"].partition("/")[2] for key, route in routes(template).items()
    }

    assert integrations["GET /approvals"] == "${AnswerIntegration}"
    assert {key for key, target in integrations.items() if target == "${SlackIntegration}"} == {
        "POST /slack/commands",
        "POST /slack/interactions",
    }


def test_the_api_may_invoke_its_functions_by_their_own_routes_alone(template):
    permissions = resources(template, "AWS::Lambda::Permission").values()

    allowed = {p["FunctionName"]["Ref"]: p["SourceArn"]["Fn::Sub"] for p in permissions}

    assert allowed["ReceiveSlack"].endswith(":${SlackApi}/*/POST/slack/*")
    assert allowed["AnswerApi"].endswith(":${SlackApi}/*/*/approvals*")


def test_an_answer_comes_before_the_api_gives_up(template):
    longest = 30  # seconds that an HTTP API waits for an integration

    assert functions(template)["AnswerApi"]["Timeout"] < longest


def test_every_log_group_is_emptied_in_time(template):
    groups = resources(template, "AWS::Logs::LogGroup")

    kept = {name: group["RetentionInDays"] for name, group in groups.items()}
    assert kept == {"HandlersLog": 731, "RolloutLog": 90, "GroupLog": 90}


def test_the_log_that_proves_the_audit_is_kept_as_long_as_a_rollout_is(template):
    group = resources(template, "AWS::Logs::LogGroup")[LOG_GROUP]

    assert timedelta(days=group["RetentionInDays"]) >= KEPT


def test_no_function_may_change_or_remove_what_is_logged(template):
    granted = {action for statement in statements(template) for action in actions(statement)}

    written = {action for action in granted if action.startswith("logs:")}
    assert not {each for each in written if each.startswith(("logs:Delete", "logs:Put"))} - {
        # Of the machines' own log delivery.
        "logs:DeleteLogDelivery",
        "logs:PutResourcePolicy",
    }


def test_slack_gets_its_answer_in_time(template):
    receiver = functions(template)["ReceiveSlack"]

    assert receiver["MemorySize"] > template["Globals"]["Function"]["MemorySize"]
    assert receiver["Timeout"] <= 10


def test_the_template_can_be_written_as_json(template):
    assert json.loads(json.dumps(template)) == template
