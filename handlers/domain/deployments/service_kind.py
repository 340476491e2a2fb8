"""Which ECS services can be rolled out: those that ECS itself deploys, task by task."""

from typing import Final

from handlers.domain.model.service import Service

SERVICE_ARN_MIGRATION: Final = (
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-arn-migration.html"
)
"""How ECS gives a service of before 2021 the ARN that names its cluster, without a new one."""


def unsupported_kind(service: Service) -> str:
    """Say what a service is that cannot be rolled out, and what is expected; nothing otherwise.

    Behind a Classic Load Balancer ECS tells no `rolloutState` (API_Deployment), so nothing says
    when a deployment has ended. CODE_DEPLOY and EXTERNAL services have task sets in place of
    deployments (API_DeploymentController). DAEMON services (API_Service, `schedulingStrategy`) and
    native BLUE_GREEN, LINEAR and CANARY ones (API_DeploymentConfiguration, `strategy`) place and
    register tasks by other rules. IAM knows a service by its ARN, and the template allows those
    that name a cluster (Amazon ECS developer guide, "Amazon Resource Names (ARNs) and IDs").
    """
    if service.strategy != "ROLLING":
        return (
            f"{service.name} is deployed by {service.strategy}, expected a REPLICA service that "
            "ECS deploys by ROLLING"
        )
    if service.arn.count("/") == 1:
        return (
            f"{service.name} has the old short ARN {service.arn}, expected one that names its "
            f"cluster: migrate it, while it runs ({SERVICE_ARN_MIGRATION})"
        )
    if service.classic_load_balancers:
        names = ", ".join(service.classic_load_balancers)
        return (
            f"{service.name} is behind a Classic Load Balancer ({names}), expected one with target "
            "groups or none"
        )
    return ""
