"""ECS through botocore's stub, which holds our parameters and these answers against its model."""

import pytest

from handlers.domain.deployments.revision import with_images
from handlers.domain.model.errors import NotThere, Transient
from handlers.domain.model.service import Deployment, LoadBalancer, ServiceDeployment
from handlers.gateways.ecs import MOST_EVENTS, Ecs
from tests.support.builders import GROUP, NEW, NOW, OLD, a_task_definition, after, service_arn

CLUSTER = "arn:aws:ecs:ap-northeast-1:123456789012:cluster/recipes"


@pytest.fixture
def ecs(stubbed):
    client, stub = stubbed("ecs")
    gateway = Ecs(client)
    gateway.answers = stub
    return gateway


def described_deployment(**given):
    usual = {
        "id": "ecs-svc/1",
        "status": "PRIMARY",
        "taskDefinition": OLD,
        "desiredCount": 2,
        "runningCount": 2,
        "pendingCount": 0,
        "failedTasks": 0,
        "createdAt": NOW,
        "rolloutState": "COMPLETED",
        "rolloutStateReason": "ECS deployment ecs-svc/1 completed.",
    }
    return usual | given


def described_service(name="api-red", **given):
    usual = {
        "serviceName": name,
        "serviceArn": service_arn(name),
        "clusterArn": CLUSTER,
        "status": "ACTIVE",
        "desiredCount": 2,
        "runningCount": 2,
        "taskDefinition": OLD,
        "deployments": [described_deployment()],
        "loadBalancers": [{"targetGroupArn": GROUP, "containerName": "app", "containerPort": 8080}],
    }
    return usual | given


def test_services_are_described_in_our_words(ecs):
    ecs.answers.add_response(
        "describe_services",
        {"services": [described_service()], "failures": []},
        {"cluster": "recipes", "services": ["api-red"]},
    )

    service = ecs.service("recipes", "api-red")

    assert (service.name, service.arn) == ("api-red", service_arn("api-red"))
    assert (service.active, service.desired, service.running) == (True, 2, 2)
    assert service.load_balancers == (LoadBalancer(target_group=GROUP, container="app", port=8080),)
    assert service.primary == Deployment(
        id="ecs-svc/1",
        primary=True,
        task_definition=OLD,
        state="COMPLETED",
        reason="ECS deployment ecs-svc/1 completed.",
        desired=2,
        running=2,
        failed_tasks=0,
        created=NOW,
    )


def test_a_service_tells_its_latest_events(ecs):
    events = [
        {"id": str(n), "createdAt": NOW, "message": f"event {n}"} for n in range(MOST_EVENTS + 5)
    ]
    ecs.answers.add_response("describe_services", {"services": [described_service(events=events)]})

    told = ecs.service("recipes", "api-red").events

    assert len(told) == MOST_EVENTS
    assert told[0] == "event 0"


def test_a_service_tells_where_its_tasks_run_and_how_many_at_once(ecs):
    bounds = {"maximumPercent": 150, "minimumHealthyPercent": 50, "strategy": "BLUE_GREEN"}
    given = described_service(launchType="EC2", deploymentConfiguration=bounds)
    ecs.answers.add_response("describe_services", {"services": [given]})

    service = ecs.service("recipes", "api-red")

    assert (service.launch_type, service.capacity_providers) == ("EC2", ())
    assert (service.maximum_percent, service.minimum_healthy_percent) == (150, 50)
    assert service.strategy == "BLUE_GREEN"


@pytest.mark.parametrize(
    ("given", "strategy"),
    [
        ({}, "ROLLING"),
        ({"schedulingStrategy": "DAEMON"}, "DAEMON"),
        ({"deploymentController": {"type": "CODE_DEPLOY"}}, "CODE_DEPLOY"),
        ({"deploymentController": {"type": "ECS"}, "schedulingStrategy": "REPLICA"}, "ROLLING"),
    ],
)
def test_what_does_not_roll_by_ecs_bounds_is_called_by_its_name(ecs, given, strategy):
    ecs.answers.add_response("describe_services", {"services": [described_service(**given)]})

    service = ecs.service("recipes", "api-red")

    assert service.strategy == strategy
    assert (service.maximum_percent, service.minimum_healthy_percent) == (200, 100)


@pytest.mark.parametrize(
    ("breaker", "lasts"),
    [
        ({"enable": True, "rollback": True}, True),
        ({"enable": True, "rollback": True, "resetOnHealthyTask": True}, False),
        ({"enable": False, "rollback": False}, False),
        (None, False),
    ],
)
def test_a_service_tells_whether_ecs_ends_a_crash_loop(ecs, breaker, lasts):
    configuration = {"deploymentCircuitBreaker": breaker} if breaker else {}
    given = described_service(deploymentConfiguration=configuration)
    ecs.answers.add_response("describe_services", {"services": [given]})

    assert ecs.service("recipes", "api-red").has_lasting_breaker is lasts


def test_a_service_tells_who_places_its_tasks(ecs):
    providers = [{"capacityProvider": "on-demand", "weight": 1}, {"capacityProvider": "spot"}]
    given = described_service(capacityProviderStrategy=providers)
    ecs.answers.add_response("describe_services", {"services": [given]})

    service = ecs.service("recipes", "api-red")

    assert (service.launch_type, service.capacity_providers) == ("", ("on-demand", "spot"))


def test_a_service_that_does_not_exist_is_left_out(ecs):
    missing = [{"arn": service_arn("api-red"), "reason": "MISSING"}]
    ecs.answers.add_response("describe_services", {"services": [], "failures": missing})

    assert ecs.service("recipes", "api-red") is None


def test_a_deleted_service_is_not_active(ecs):
    deleted = described_service(status="INACTIVE", deployments=[])
    ecs.answers.add_response("describe_services", {"services": [deleted]})

    service = ecs.service("recipes", "api-red")

    assert not service.active
    assert service.primary is None


def test_services_are_asked_for_ten_at_a_time(ecs):
    names = [f"api-{number}" for number in range(12)]
    for batch in (names[:10], names[10:]):
        ecs.answers.add_response(
            "describe_services",
            {"services": [described_service(name) for name in batch]},
            {"cluster": "recipes", "services": batch},
        )

    assert list(ecs.services("recipes", names)) == names


def test_a_cluster_that_does_not_exist_is_not_there(ecs):
    ecs.answers.add_client_error("describe_services", "ClusterNotFoundException")

    with pytest.raises(NotThere, match="describe services of recipes"):
        ecs.services("recipes", ["api-red"])


def test_a_classic_load_balancer_has_no_targets(ecs):
    classic = [{"loadBalancerName": "old", "containerName": "app", "containerPort": 80}]
    described = described_service(loadBalancers=classic)
    ecs.answers.add_response("describe_services", {"services": [described]})

    service = ecs.service("recipes", "api-red")

    assert service.load_balancers == ()
    assert service.classic_load_balancers == ("old",)


def test_a_service_without_deployments_of_ecs_is_described_all_the_same(ecs):
    """An EXTERNAL service has no task definition either."""
    external = described_service(deployments=[], deploymentController={"type": "EXTERNAL"})
    del external["taskDefinition"]
    ecs.answers.add_response("describe_services", {"services": [external]})

    service = ecs.service("recipes", "api-red")

    assert (service.strategy, service.primary) == ("EXTERNAL", None)


def test_deploying_sends_the_revision_and_nothing_else(ecs):
    new = described_deployment(id="ecs-svc/2", taskDefinition=NEW, rolloutState="IN_PROGRESS")
    old = described_deployment(status="ACTIVE")
    ecs.answers.add_response(
        "update_service",
        {"service": described_service(deployments=[old, new])},
        {"cluster": "recipes", "service": "api-red", "taskDefinition": NEW},
    )

    deployment = ecs.deploy("recipes", "api-red", NEW)

    assert (deployment.id, deployment.primary) == ("ecs-svc/2", True)
    assert deployment.task_definition == NEW


def test_deploying_without_a_primary_deployment_in_the_answer_is_told(ecs):
    ecs.answers.add_response("update_service", {"service": described_service(deployments=[])})

    with pytest.raises(NotThere, match="the answer has no primary deployment"):
        ecs.deploy("recipes", "api-red", NEW)


def test_a_throttled_update_is_worth_another_try(ecs):
    ecs.answers.add_client_error("update_service", "ThrottlingException")

    with pytest.raises(Transient, match="update service api-red"):
        ecs.deploy("recipes", "api-red", NEW)


def brief(number, status, **ago):
    arn = f"arn:aws:ecs:ap-northeast-1:123456789012:service-deployment/recipes/api-red/{number}"
    return {"serviceDeploymentArn": arn, "status": status, "createdAt": after(**ago)}


def test_the_history_is_told_oldest_first(ecs):
    ecs.answers.add_response(
        "list_service_deployments",
        {
            "serviceDeployments": [
                brief(2, "IN_PROGRESS", minutes=9),
                brief(1, "ROLLBACK_SUCCESSFUL", minutes=1) | {"statusReason": "a user asked"},
            ]
        },
        {"cluster": "recipes", "service": "api-red", "createdAt": {"after": NOW}},
    )

    history = ecs.deployment_history("recipes", "api-red", NOW)

    assert history == [
        ServiceDeployment(status="ROLLBACK_SUCCESSFUL", reason="a user asked"),
        ServiceDeployment(status="IN_PROGRESS"),
    ]


def test_a_history_of_several_pages_is_read_to_its_oldest(ecs):
    asked = {"cluster": "recipes", "service": "api-red", "createdAt": {"after": NOW}}
    newest = [brief(number, "SUCCESSFUL", hours=number) for number in range(20, 0, -1)]
    ecs.answers.add_response(
        "list_service_deployments", {"serviceDeployments": newest, "nextToken": "more"}, asked
    )
    ecs.answers.add_response(
        "list_service_deployments",
        {"serviceDeployments": [brief(0, "STOPPED", minutes=1)]},
        asked | {"nextToken": "more"},
    )

    assert ecs.deployment_history("recipes", "api-red", NOW)[0].status == "STOPPED"


@pytest.mark.parametrize("answered", [{"tags": [{"key": "CostCenter", "value": "42"}]}, {}])
def test_a_revision_is_described_as_ecs_has_it_with_its_tags(ecs, answered):
    described = a_task_definition()
    ecs.answers.add_response(
        "describe_task_definition",
        {"taskDefinition": described, **answered},
        {"taskDefinition": "api:41", "include": ["TAGS"]},
    )

    assert ecs.task_definition("api:41") == {**described, "tags": answered.get("tags", [])}


def test_a_revision_that_does_not_exist_is_not_there(ecs):
    ecs.answers.add_client_error(
        "describe_task_definition", "ClientException", "Unable to describe task definition."
    )

    with pytest.raises(NotThere, match="api:999"):
        ecs.task_definition("api:999")


def test_a_revision_is_registered_from_what_was_described(ecs):
    base = a_task_definition(tags=[{"key": "CostCenter", "value": "42"}])
    wanted = with_images(base, {"app": "api@sha256:2"})
    ecs.answers.add_response(
        "register_task_definition", {"taskDefinition": {"taskDefinitionArn": NEW}}, wanted
    )

    assert ecs.register(wanted) == NEW
