"""Where the rules come from that the tests in `test_rules_*.py` name in brackets.

A rule is documented by AWS, or was recorded on AWS by somebody who publishes the recording, or
was seen on AWS by ourselves or others and is kept as a fact.
"""

GUIDE = "https://docs.aws.amazon.com/step-functions/latest/dg"
API = "https://docs.aws.amazon.com/step-functions/latest/apireference"
LOCALSTACK = (
    "https://github.com/localstack/localstack/tree/main/tests/aws/services/stepfunctions/v2"
)
FLOCI = (
    "https://github.com/floci-io/floci/tree/main"
    "/src/test/java/io/github/hectorvent/floci/services/stepfunctions"
)

SOURCES = {
    "callback": f"{GUIDE}/connect-to-resource.html#connect-wait-token",
    "choice": f"{GUIDE}/state-choice.html",
    "context": f"{GUIDE}/input-output-contextobject.html",
    "errors": f"{GUIDE}/concepts-error-handling.html",
    "eventbridge": f"{GUIDE}/eventbridge-integration.html",
    "fail": f"{GUIDE}/state-fail.html",
    "intrinsics": f"{GUIDE}/intrinsic-functions.html",
    "invoke": f"{GUIDE}/connect-lambda.html",
    "job": f"{GUIDE}/connect-to-resource.html#connect-sync",
    "map": f"{GUIDE}/state-map-inline.html",
    "nesting": f"{GUIDE}/connect-stepfunctions.html",
    "parallel": f"{GUIDE}/state-parallel.html",
    "quotas": f"{GUIDE}/service-quotas.html",
    "redrive": f"{GUIDE}/redrive-executions.html",
    "redrive of states": f"{GUIDE}/redrive-map-run.html",
    "result path": f"{GUIDE}/input-output-resultpath.html",
    "structure": f"{GUIDE}/statemachine-structure.html",
    "task": f"{GUIDE}/state-task.html",
    "wait": f"{GUIDE}/state-wait.html",
    "describe": f"{API}/API_DescribeExecution.html",
    "history": f"{API}/API_HistoryEvent.html",
    "redrive call": f"{API}/API_RedriveExecution.html",
    "send failure": f"{API}/API_SendTaskFailure.html",
    "send heartbeat": f"{API}/API_SendTaskHeartbeat.html",
    "send success": f"{API}/API_SendTaskSuccess.html",
    "start": f"{API}/API_StartExecution.html",
    "stop": f"{API}/API_StopExecution.html",
    # Recorded on AWS, answer by answer.
    "recorded: callbacks": f"{LOCALSTACK}/callback/test_callback.snapshot.json",
    "recorded: execution": f"{LOCALSTACK}/test_sfn_api.snapshot.json",
    "recorded: heartbeats": f"{LOCALSTACK}/timeouts/test_heartbeats.snapshot.json",
    "recorded: lambda errors": f"{LOCALSTACK}/error_handling/test_task_service_lambda.snapshot.json",
    "recorded: map": f"{LOCALSTACK}/scenarios/test_base_scenarios.snapshot.json",
    "recorded: refused child": f"{LOCALSTACK}/error_handling/test_task_service_sfn.snapshot.json",
    "recorded: too much data": f"{LOCALSTACK}/error_handling/test_states_errors.snapshot.json",
    "recorded: timeouts": f"{LOCALSTACK}/timeouts/test_timeouts.snapshot.json",
    "recorded: late answer": "https://github.com/andybalham/blog-task-tokens-part-2",
    # Measured on AWS, told in words.
    "measured: branches": f"{FLOCI}/AslExecutorBranchHistoryEventsTest.java",
    "measured: child": f"{FLOCI}/AslExecutorNestedStartExecutionTest.java",
    "measured: failed child": f"{FLOCI}/AslExecutorNestedSyncFailureTest.java",
    "measured: cut branches": f"{FLOCI}/AslExecutorParallelCutTest.java",
    "measured: event limit": f"{FLOCI}/AslExecutorHistoryEventLimitTest.java",
    "measured: intrinsics": f"{FLOCI}/AslExecutorIntrinsicMissingArgumentTest.java",
    "measured: machine timeout": f"{FLOCI}/StepFunctionsTimeoutSecondsIntegrationTest.java",
    "measured: paths": f"{FLOCI}/StepFunctionsUnresolvableJsonPathIntegrationTest.java",
    "seen": "tests/events/execution_*.json and what users of AWS report",
}
