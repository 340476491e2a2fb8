"""ECS as the real boto3 sees it, and every answer against botocore's own model."""

import http.client
import json

import botocore.session
import pytest
from botocore.exceptions import ClientError

from sandbox.wire.ecs.ecs_api import OPERATIONS, perform
from sandbox.wire.ecs.ecs_service_deployments import STATUSES
from sandbox.wire.fault_injection import WireError
from tests.support.botocore_shapes import mismatches

MODEL = botocore.session.get_session().get_service_model("ecs")
API = {"cluster": "recipes", "service": "api-red"}


@pytest.fixture(scope="module")
def client(served):
    client = served.client("ecs", "ecs")
    yield client
    client.close()


@pytest.fixture
def ecs(client, aws):
    return client


CONTAINER = {"name": "app", "image": "api:v1", "memory": 64}


def release(ecs, tag, family="api"):
    """Register a revision of a family that runs another tag, and return its ARN."""
    found = ecs.describe_task_definition(taskDefinition=family)["taskDefinition"]
    container = found["containerDefinitions"][0]
    container["image"] = container["image"].rpartition(":")[0] + f":{tag}"
    made = ecs.register_task_definition(
        family=family,
        networkMode=found["networkMode"],
        cpu=found["cpu"],
        memory=found["memory"],
        containerDefinitions=[container],
    )
    return made["taskDefinition"]["taskDefinitionArn"]


def deploy(ecs, tag):
    """Start a deployment of a tag to api-red, and return the deployment id of the answer."""
    service = ecs.update_service(**API, taskDefinition=release(ecs, tag))["service"]
    return next(item["id"] for item in service["deployments"] if item["status"] == "PRIMARY")


def test_update_service_answers_with_the_new_primary_deployment_and_keeps_the_desired_count(ecs):
    before = ecs.describe_services(cluster="recipes", services=["api-red"])["services"][0]

    revision = release(ecs, "v1.42.0")
    service = ecs.update_service(**API, taskDefinition=revision)["service"]

    primary, active = service["deployments"]
    assert (primary["status"], primary["rolloutState"]) == ("PRIMARY", "IN_PROGRESS")
    assert primary["rolloutStateReason"] == f"ECS deployment {primary['id']} in progress."
    assert primary["taskDefinition"] == service["taskDefinition"] == revision
    assert (active["status"], active["id"]) == ("ACTIVE", before["deployments"][0]["id"])
    assert service["desiredCount"] == before["desiredCount"] == 1
    assert service["currentServiceDeployment"] == before["currentServiceDeployment"]


def test_a_good_release_completes_alone(aws, ecs):
    ours = deploy(ecs, "v1.42.0")

    aws.later(minutes=3)

    service = ecs.describe_services(cluster="recipes", services=["api-red"])["services"][0]
    assert [item["id"] for item in service["deployments"]] == [ours]
    assert service["deployments"][0]["rolloutState"] == "COMPLETED"
    assert service["runningCount"] == 1


def test_a_crashing_release_is_rolled_back_under_another_primary_id(aws, ecs):
    ours = deploy(ecs, "v1.43.0-crash")

    aws.later(minutes=8)

    service = ecs.describe_services(cluster="recipes", services=["api-red"])["services"][0]
    stopped = ecs.list_tasks(cluster="recipes", startedBy=ours, desiredStatus="STOPPED")
    tasks = ecs.describe_tasks(cluster="recipes", tasks=stopped["taskArns"])["tasks"]
    history = ecs.list_service_deployments(**API)["serviceDeployments"]
    newest = ecs.describe_service_deployments(
        serviceDeploymentArns=[history[0]["serviceDeploymentArn"]]
    )["serviceDeployments"][0]
    assert service["deployments"][0]["id"] != ours
    assert service["taskDefinition"].endswith("task-definition/api:1")
    assert {task["stoppedReason"] for task in tasks} == {"Essential container in task exited"}
    assert {task["containers"][0]["exitCode"] for task in tasks} == {1}
    assert newest["status"] == "ROLLBACK_SUCCESSFUL"
    assert newest["rollback"]["reason"]
    assert len(history) == 2


def test_a_stopped_service_deployment_rolls_back(aws, ecs):
    deploy(ecs, "v1.43.0-slow")
    aws.later(seconds=30)
    arn = ecs.list_service_deployments(**API, status=["IN_PROGRESS"])["serviceDeployments"][0][
        "serviceDeploymentArn"
    ]

    ecs.stop_service_deployment(serviceDeploymentArn=arn, stopType="ROLLBACK")
    aws.later(minutes=5)

    found = ecs.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"][0]
    goal = ecs.describe_service_revisions(
        serviceRevisionArns=[found["rollback"]["serviceRevisionArn"]]
    )["serviceRevisions"][0]
    assert found["status"] == "ROLLBACK_SUCCESSFUL"
    assert goal["taskDefinition"].endswith("task-definition/api:1")
    with pytest.raises(ecs.exceptions.ConflictException):
        ecs.stop_service_deployment(serviceDeploymentArn=arn)


def test_tasks_of_a_service_lead_to_their_targets(ecs):
    awsvpc = ecs.list_tasks(cluster="recipes", serviceName="api-red")["taskArns"]
    bridge = ecs.list_tasks(cluster="recipes", serviceName="web-red")["taskArns"]

    api, web = ecs.describe_tasks(cluster="recipes", tasks=awsvpc + bridge)["tasks"]
    instances = ecs.describe_container_instances(
        cluster="recipes", containerInstances=[web["containerInstanceArn"]]
    )["containerInstances"]

    details = {item["name"]: item["value"] for item in api["attachments"][0]["details"]}
    assert details["privateIPv4Address"].startswith("10.0.")
    assert instances[0]["ec2InstanceId"].startswith("i-")
    assert web["containers"][0]["networkBindings"][0]["hostPort"] >= 32768
    assert api["group"] == "service:api-red"


def test_lists_come_in_pages(ecs):
    pages = ecs.get_paginator("list_tasks").paginate(
        cluster="recipes", PaginationConfig={"PageSize": 5}
    )

    sizes = [len(page["taskArns"]) for page in pages]

    assert sizes == [5, 5, 2]


def test_container_instances_say_what_they_have_and_what_is_left(ecs):
    arns = ecs.list_container_instances(cluster="recipes", status="ACTIVE")["containerInstanceArns"]

    found = ecs.describe_container_instances(cluster="recipes", containerInstances=arns)

    instances = found["containerInstances"]
    has = [values(instance["registeredResources"]) for instance in instances]
    left = [values(instance["remainingResources"]) for instance in instances]
    assert [each["CPU"] for each in has] == [4096] * 3
    # Twelve tasks of 256 CPU units and 512 MiB.
    assert sum(each["CPU"] for each in has) - sum(each["CPU"] for each in left) == 12 * 256
    assert sum(each["MEMORY"] for each in has) - sum(each["MEMORY"] for each in left) == 12 * 512
    taken = {port for each in left for port in each["PORTS"]}
    assert "32768" in taken - {port for each in has for port in each["PORTS"]}
    assert {a["value"] for i in instances for a in i["attributes"] if "type" in a["name"]} == {
        "m6i.xlarge"
    }
    draining = ecs.list_container_instances(cluster="recipes", status="DRAINING")
    assert draining["containerInstanceArns"] == []


def values(resources):
    return {each["name"]: each.get("stringSetValue") or each["integerValue"] for each in resources}


def test_tags_come_when_they_are_asked_for_and_nobody_sets_one_of_awss(ecs):
    described = ecs.describe_task_definition(taskDefinition="api", include=["TAGS"])
    content = {"family": "tagged", "containerDefinitions": [CONTAINER]}
    own = described["tags"][:1]

    ecs.register_task_definition(**content, tags=own)

    assert [tag["key"] for tag in described["tags"]] == [
        "CostCenter",
        "aws:cloudformation:stack-name",
    ]
    assert ecs.describe_task_definition(taskDefinition="tagged", include=["TAGS"])["tags"] == own
    assert "tags" not in ecs.describe_task_definition(taskDefinition="tagged")
    with pytest.raises(ecs.exceptions.InvalidParameterException, match="must not start with aws:"):
        ecs.register_task_definition(**content, tags=described["tags"])


def test_a_deregistered_revision_can_be_described_but_not_deployed(ecs):
    revision = release(ecs, "v1.42.0")

    ecs.deregister_task_definition(taskDefinition=revision)

    described = ecs.describe_task_definition(taskDefinition=revision, include=["TAGS"])
    latest = ecs.describe_task_definition(taskDefinition="api")["taskDefinition"]
    assert described["taskDefinition"]["status"] == "INACTIVE"
    assert latest["revision"] == 1
    with pytest.raises(ecs.exceptions.ClientException, match="inactive"):
        ecs.update_service(**API, taskDefinition=revision)


@pytest.mark.parametrize(
    ("code", "call"),
    [
        ("ClusterNotFoundException", lambda ecs: ecs.list_services(cluster="none")),
        ("ServiceNotFoundException", lambda ecs: ecs.update_service(**API | {"service": "no"})),
        (
            "ServiceNotFoundException",
            lambda ecs: ecs.list_tasks(cluster="recipes", serviceName="no"),
        ),
        ("ClientException", lambda ecs: ecs.describe_task_definition(taskDefinition="no:1")),
        ("ClientException", lambda ecs: ecs.update_service(**API, taskDefinition="no")),
        (
            "ClientException",
            lambda ecs: ecs.register_task_definition(family="x", containerDefinitions=[]),
        ),
        (
            "InvalidParameterException",
            lambda ecs: ecs.describe_services(cluster="recipes", services=["a"] * 11),
        ),
        (
            "InvalidParameterException",
            lambda ecs: ecs.list_tasks(cluster="recipes", nextToken="mine"),
        ),
        (
            "ServiceDeploymentNotFoundException",
            lambda ecs: ecs.stop_service_deployment(serviceDeploymentArn="arn:none"),
        ),
        ("UnknownOperationException", lambda ecs: ecs.list_attributes(targetType="a")),
    ],
)
def test_what_cannot_be_served_is_refused_by_its_name(ecs, code, call):
    with pytest.raises(ClientError) as refusal:
        call(ecs)

    assert refusal.value.response["Error"]["Code"] == code
    assert refusal.value.response["Error"]["Message"]


def test_a_deleted_service_is_not_active(ecs):
    ecs.delete_service(**API, force=True)

    described = ecs.describe_services(cluster="recipes", services=["api-red"])["services"][0]
    assert described["status"] == "INACTIVE"
    with pytest.raises(ecs.exceptions.ServiceNotActiveException):
        ecs.update_service(**API, forceNewDeployment=True)


def test_what_is_missing_is_reported_beside_what_is_there(ecs):
    found = ecs.describe_services(cluster="recipes", services=["api-red", "nobody"])

    assert [item["serviceName"] for item in found["services"]] == ["api-red"]
    arn = "arn:aws:ecs:ap-northeast-1:123456789012:service/recipes/nobody"
    assert found["failures"] == [{"arn": arn, "reason": "MISSING"}]


def test_calls_are_counted_by_operation(aws, ecs):
    ecs.list_clusters()
    ecs.list_clusters()

    assert aws.interceptor.calls == {"ListClusters": 2}


@pytest.mark.parametrize(("hook", "deployments"), [("before", 1), ("after", 2)])
def test_a_fault_hits_before_or_after_the_effect(aws, ecs, hook, deployments):
    def throttle(operation, parameters):
        if operation == "UpdateService":
            raise WireError("ThrottlingException", "Rate exceeded")

    setattr(aws.interceptor, hook, throttle)
    with pytest.raises(ClientError, match="Rate exceeded"):
        ecs.update_service(**API, forceNewDeployment=True)

    service = ecs.describe_services(cluster="recipes", services=["api-red"])["services"][0]
    assert len(service["deployments"]) == deployments


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff"])
def test_a_body_that_is_no_json_object_is_refused(aws, body):
    connection = http.client.HTTPConnection("127.0.0.1", aws.port)

    connection.request("POST", "/ecs/", body, {"X-Amz-Target": "AnyVersion.ListClusters"})
    answer = connection.getresponse()
    told = json.load(answer)
    connection.close()

    assert answer.status == 400
    assert told["__type"] == "SerializationException"


def test_the_statuses_of_a_service_deployment_are_botocores():
    assert set(MODEL.shape_for("ServiceDeploymentStatus").enum) == STATUSES


def test_every_answer_has_the_shape_of_botocores_model(aws):
    """Walks the example through a crash and a rollback, and looks at everything meanwhile."""
    asked = set()

    def ask(operation, **parameters):
        answer = json.loads(json.dumps(perform(aws.world, operation, parameters)))
        asked.add(operation)
        shape = MODEL.operation_model(operation).output_shape
        assert mismatches(answer, shape) == [], operation
        return answer

    cluster = {"cluster": "recipes"}
    here = {**cluster, "service": "web-red"}
    definition = ask("DescribeTaskDefinition", taskDefinition="web", include=["TAGS"])
    content = aws.world.task_definitions.find("web").content
    container = {**content["containerDefinitions"][0], "image": "web:v1.43.0-crash"}
    crashing = ask(
        "RegisterTaskDefinition",
        **{**content, "containerDefinitions": [container]},
        tags=[{"key": "release", "value": "v1.43.0-crash"}],
    )["taskDefinition"]["taskDefinitionArn"]
    assert definition["taskDefinition"]["revision"] == 1
    ask("UpdateService", **here, taskDefinition=crashing)
    ask("DescribeClusters", clusters=["recipes", "nobody"])
    ask("ListClusters")
    instances = ask("ListContainerInstances", **cluster, status="ACTIVE")["containerInstanceArns"]
    for status in ("DRAINING", "ACTIVE"):
        state = {"containerInstances": [*instances[:1], "nobody"], "status": status}
        ask("UpdateContainerInstancesState", **cluster, **state)
    for _ in range(60):
        aws.later(seconds=7)
        aws.tick()
        ask("DescribeServices", **cluster, services=["web-red", "api-red", "nobody"])
        arns = ask("ListTasks", **cluster)["taskArns"]
        arns += ask("ListTasks", **cluster, desiredStatus="STOPPED")["taskArns"]
        tasks = ask("DescribeTasks", **cluster, tasks=[*arns, "nobody"])["tasks"]
        instances = [task["containerInstanceArn"] for task in tasks if not task["attachments"]]
        ask("DescribeContainerInstances", **cluster, containerInstances=[*instances, "nobody"])
        history = ask("ListServiceDeployments", **here)["serviceDeployments"]
        deployments = [item["serviceDeploymentArn"] for item in history]
        ask("DescribeServiceDeployments", serviceDeploymentArns=[*deployments, "nobody"])
        revisions = [item["targetServiceRevisionArn"] for item in history]
        ask("DescribeServiceRevisions", serviceRevisionArns=[*revisions, "nobody"])
    assert history[0]["status"] == "ROLLBACK_SUCCESSFUL"
    ask("UpdateService", **here, forceNewDeployment=True)
    newest = ask("ListServiceDeployments", **here)["serviceDeployments"][0]
    ask("StopServiceDeployment", serviceDeploymentArn=newest["serviceDeploymentArn"])
    ask("DeregisterTaskDefinition", taskDefinition=crashing)
    ask("ListTaskDefinitions", familyPrefix="web", sort="DESC")
    ask("ListContainerInstances", **cluster)
    ask("ListServices", **cluster)
    ask("DeleteService", **here)

    assert asked == set(OPERATIONS)
