"""Valid things of every kind, in which a test sets only what it is about."""

from datetime import UTC, datetime, timedelta
from typing import Any

from handlers.domain.admission.image_scan import Manifest
from handlers.domain.approvals.approval import Approval
from handlers.domain.config.applications import Application
from handlers.domain.config.approval_rules import ApprovalRules
from handlers.domain.history.audit import AuditEntry, EventKind
from handlers.domain.model.colors import COLORS
from handlers.domain.model.evidence import Evidence, Result
from handlers.domain.model.group import Group, IfOneFails, Member, Order
from handlers.domain.model.lock_and_wait import Lock, Wait
from handlers.domain.model.outcomes import Verdict
from handlers.domain.model.prerequisite import Awaited, Awaits
from handlers.domain.model.release import Release
from handlers.domain.model.rollout import (
    Board,
    ColorProgress,
    Decision,
    Doubt,
    Rollout,
    Stage,
)
from handlers.domain.model.service import Deployment, LoadBalancer, Service, Target, Task
from handlers.domain.model.verification_settings import Reaction, Verification
from simulator.example_release import OLD_DIGEST, image

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
GROUP = "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/api/73e2d6bc24d8a067"


def after(**duration: float) -> datetime:
    return NOW + timedelta(**duration)


def revision(number: int, family: str = "api") -> str:
    return f"arn:aws:ecs:ap-northeast-1:123456789012:task-definition/{family}:{number}"


OLD, NEW, OTHER = revision(41), revision(42), revision(99)


def execution(name: str) -> str:
    return f"arn:aws:states:ap-northeast-1:123456789012:execution:shingo-rollout:{name}"


def service_arn(name: str) -> str:
    return f"arn:aws:ecs:ap-northeast-1:123456789012:service/recipes/{name}"


def a_manifest(architecture: str = "amd64", system: str = "linux") -> Manifest:
    digest = f"sha256:{architecture}-{system}"
    return Manifest(digest=digest, system=system, architecture=architecture)


def an_application(**given: Any) -> Application:
    name = given.get("name", "api")
    usual: dict[str, Any] = {
        "name": name,
        "cluster": "recipes",
        "repository": name,
        "container": "app",
        "channel": "",
        "deadline": timedelta(minutes=30),
        "settle": timedelta(minutes=5),
        "services": {color: f"{name}-{color}" for color in COLORS},
        "rules": dict.fromkeys(COLORS, ApprovalRules()),
        "verification": a_verification(),
    }
    return Application(**(usual | given))


def a_verification(**given: Any) -> Verification:
    """Watch for ten minutes, and measure nothing but tasks and targets."""
    usual: dict[str, Any] = {
        "bake": timedelta(minutes=10),
        "bake_at_most": timedelta(minutes=20),
        "requests": 0,
        "period": timedelta(minutes=1),
        "compare_with": timedelta(hours=1),
    }
    return Verification(**(usual | given))


def a_release(**given: Any) -> Release:
    usual: dict[str, Any] = {"name": "v1.42.0", "images": {"app": image()}, "revision": NEW}
    return Release(**(usual | given))


def a_color(color: str = "red", **given: Any) -> ColorProgress:
    usual: dict[str, Any] = {
        "color": color,
        "cluster": "recipes",
        "service": f"api-{color}",
        "service_arn": service_arn(f"api-{color}"),
        "previous": OLD,
    }
    return ColorProgress(**(usual | given))


def a_deploying_color(color: str = "red", **given: Any) -> ColorProgress:
    usual: dict[str, Any] = {
        "stage": Stage.DEPLOYING,
        "changed": True,
        "deployment": "ecs-svc/ours",
        "deployment_began": NOW,
        "times": {Stage.DEPLOYING: NOW},
    }
    return a_color(color, **(usual | given))


def a_returning_color(color: str = "red", **given: Any) -> ColorProgress:
    usual: dict[str, Any] = {
        "stage": Stage.GOING_BACK,
        "changed": True,
        "outcome": "failed",
        "deployment": "ecs-svc/back",
        "deployment_began": NOW,
        "times": {Stage.DEPLOYING: NOW, Stage.GOING_BACK: NOW},
    }
    return a_color(color, **(usual | given))


def a_released_color(color: str = "red", **given: Any) -> ColorProgress:
    usual: dict[str, Any] = {
        "stage": Stage.RELEASED,
        "changed": True,
        "approval": f"question-{color}",
        "decision": a_decision(),
        "deployment": f"ecs-svc/{color}",
        "deployment_began": NOW,
        "outcome": "completed",
    }
    return a_color(color, **(usual | given))


def a_rollout(*colors: ColorProgress, **given: Any) -> Rollout:
    rollout_id = given.get("id", "api-v1.42.0-1")
    usual: dict[str, Any] = {
        "id": rollout_id,
        "execution": execution(rollout_id),
        "application": "api",
        "release": a_release(),
        "requested_by": "U0CAROL",
        "reason": "faster search",
        "started": NOW,
        "colors": {c: a_color(c) for c in COLORS} | {c.color: c for c in colors},
        "board": Board(channel="C0ROLLOUTS", ts="1.000001"),
    }
    return Rollout(**(usual | given))


def an_awaited(**given: Any) -> Awaited:
    usual: dict[str, Any] = {
        "kind": Awaits.IMAGE,
        "what": "api:v1.42.0",
        "since": NOW,
        "until": after(hours=1),
    }
    return Awaited(**(usual | given))


def an_ended_rollout(*colors: ColorProgress, **given: Any) -> Rollout:
    usual: dict[str, Any] = {
        "outcome": "completed",
        "cause": "Every color runs api:42.",
        "ended": after(hours=1),
    }
    return a_rollout(*colors, **(usual | given))


def a_decision(outcome: str = "approved", **given: Any) -> Decision:
    usual: dict[str, Any] = {"outcome": outcome, "by": "U0BOB", "at": NOW}
    return Decision(**(usual | given))


def an_approval(**given: Any) -> Approval:
    usual: dict[str, Any] = {
        "id": "question-red",
        "rollout": "api-v1.42.0-1",
        "application": "api",
        "color": "red",
        "requester": "U0CAROL",
        "release": NEW,
        "token": "token-1",
        "asked": NOW,
        "until": after(hours=8),
    }
    return Approval(**(usual | given))


def an_entry(**given: Any) -> AuditEntry:
    usual: dict[str, Any] = {
        "rollout": "api-v1.42.0-1",
        "application": "api",
        "at": NOW,
        "kind": EventKind.REQUESTED,
        "actor": "U0CAROL",
        "source": "slack",
        "detail": "faster search",
    }
    return AuditEntry(**(usual | given))


def a_lock(rollout: str = "api-v1.42.0-1", application: str = "api", **given: Any) -> Lock:
    usual: dict[str, Any] = {
        "application": application,
        "execution": execution(rollout),
        "rollout": rollout,
    }
    return Lock(**(usual | given))


def a_wait(color: str = "red", **given: Any) -> Wait:
    usual: dict[str, Any] = {
        "id": service_arn(f"api-{color}"),
        "rollout": "api-v1.42.0-1",
        "color": color,
        "returning": False,
        "token": "token-1",
        "since": NOW,
    }
    return Wait(**(usual | given))


def a_deployment(**given: Any) -> Deployment:
    usual: dict[str, Any] = {
        "id": "ecs-svc/ours",
        "primary": True,
        "task_definition": NEW,
        "state": "COMPLETED",
        "reason": "",
        "desired": 2,
        "running": 2,
        "failed_tasks": 0,
        "created": NOW,
    }
    return Deployment(**(usual | given))


def a_service(*deployments: Deployment, color: str = "red", **given: Any) -> Service:
    name = given.get("name", f"api-{color}")
    usual: dict[str, Any] = {
        "cluster": "recipes",
        "name": name,
        "arn": service_arn(name),
        "active": True,
        "desired": 2,
        "running": 2,
        "deployments": deployments or (a_deployment(),),
        "load_balancers": (LoadBalancer(target_group=GROUP, container="app", port=8080),),
    }
    return Service(**(usual | given))


def a_task(task_id: str = "task-1", **given: Any) -> Task:
    usual: dict[str, Any] = {
        "id": task_id,
        "task_definition": NEW,
        "started_by": "ecs-svc/ours",
        "status": "RUNNING",
        "stopped_reason": "",
        "endpoints": ("i-0a:32768",),
    }
    return Task(**(usual | given))


def a_target(endpoint: str = "i-0a:32768", state: str = "healthy", reason: str = "") -> Target:
    return Target(endpoint=endpoint, state=state, reason=reason)


def a_task_definition(number: int = 41, digest: str = OLD_DIGEST, **given: Any) -> dict[str, Any]:
    """Describe a revision as DescribeTaskDefinition does."""
    family = given.get("family", "api")
    usual: dict[str, Any] = {
        "taskDefinitionArn": revision(number, family),
        "family": family,
        "revision": number,
        "status": "ACTIVE",
        "containerDefinitions": [
            {"name": "app", "image": image(digest, family), "memory": 512},
            {"name": "proxy", "image": "envoy:v1.30", "memory": 64},
        ],
        "volumes": [],
        "placementConstraints": [],
        "networkMode": "bridge",
        "requiresAttributes": [{"name": "ecs.capability.execution-role-ecr-pull"}],
        "compatibilities": ["EC2"],
        "registeredAt": NOW,
        "registeredBy": "arn:aws:iam::123456789012:user/carol",
    }
    return usual | given


def a_result(check: str = "errors", verdict: Verdict = Verdict.HEALTHY, **given: Any) -> Result:
    usual: dict[str, Any] = {"detail": f"{check} as usual.", "value": "0.4 %", "control": "0.5 %"}
    return Result(check=check, verdict=verdict, **(usual | given))


def an_evidence(*results: Result, **given: Any) -> Evidence:
    """Make what was seen of a color over a bake of ten minutes."""
    usual: dict[str, Any] = {
        "verdict": Verdict.HEALTHY,
        "reaction": Reaction.GO_ON,
        "detail": "Nothing is worse than on yellow and green.",
        "since": NOW,
        "at": after(minutes=10),
        "looks": 11,
        "control": ("yellow", "green"),
        "results": results,
    }
    return Evidence(**(usual | given))


def a_doubt(color: str = "red", **given: Any) -> Doubt:
    usual: dict[str, Any] = {"id": f"doubt-{color}", "until": after(hours=8)}
    return Doubt(**(usual | given))


def a_doubted_color(color: str = "red", **given: Any) -> ColorProgress:
    """Make a color that runs the release, of which verification could not tell."""
    usual: dict[str, Any] = {
        "stage": Stage.UNCLEAR,
        "doubt": a_doubt(color),
        "evidence": an_evidence(
            verdict=Verdict.INCONCLUSIVE, reaction=Reaction.ASK, detail="Too few requests."
        ),
    }
    return a_released_color(color, **(usual | given))


def a_member(application: str, **given: Any) -> Member:
    return Member(application=application, rollout=f"web-api-v1.42.0-1.{application}", **given)


def a_group(**given: Any) -> Group:
    """A group of web and api; either may be given as a member."""
    members = {name: given.pop(name, a_member(name)) for name in ("web", "api")}
    usual: dict[str, Any] = {
        "id": "web-api-v1.42.0-1",
        "execution": execution("web-api-v1.42.0-1").replace("-rollout:", "-group:"),
        "applications": ("web", "api"),
        "tag": "v1.42.0",
        "requested_by": "U0CAROL",
        "reason": "faster search",
        "order": Order.IN_ORDER,
        "if_one_fails": IfOneFails.STOP,
        "started": NOW,
        "members": members,
    }
    return Group(**usual | given)
