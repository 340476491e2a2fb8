"""What AWS takes of a stack, and what a deployment would need: told before the change set.

A policy that is too long is refused by CloudFormation half-way through a deployment; so all of it
is worked out here, as CloudFormation and SAM would write it. Sources:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from operations.artifacts import PASSING, DeploymentTarget

MOST_OF_MANAGED: Final = 6_144
"""Characters of one managed policy, white space left out."""
MOST_OF_INLINE: Final = 10_240
"""Characters of all inline policies of one role together, white space left out."""
MOST_ATTACHED: Final = 10
"""Managed policies of one role; AWS raises it to 20 for those who ask."""
MOST_OF_PARAMETER: Final = 4_096
"""Characters of a parameter's value."""
MOST_OF_TEMPLATE: Final = 1_000_000
"""Bytes of a template that CloudFormation reads from S3: 1 MB. One in the call itself, of at most
51,200 bytes, is not used."""
MOST_OF_ENVIRONMENT: Final = 4_096
"""Bytes of a function's environment: 4 KB."""
MOST_OF_MACHINE_NAME: Final = 80
"""Characters of a state machine's name."""
_FUNCTION: Final = "AWS::Serverless::Function"
_MACHINE: Final = "AWS::Serverless::StateMachine"
_FEWER_ROLES: Final = (
    "let task definitions share task or execution roles, each of which is named in a policy, or "
    "divide the applications between two stacks (STACK=)"
)
_OF_SAM: Final = {_FUNCTION: 2, _MACHINE: 1}
"""Managed policies that SAM attaches itself: of the log lines and of X-Ray."""


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much of something there would be, and how much AWS takes."""

    what: str
    found: int
    most: int
    unit: str = "characters"
    mend: str = ""
    """What makes it less, where that is known."""

    def __str__(self) -> str:
        said = f"{self.what}: found {self.found:,} {self.unit}, expected at most {self.most:,}"
        return f"{said}; {self.mend}" if self.mend else said


@dataclass(frozen=True, kw_only=True)
class StackPlan:
    """A template with everything that fills it in."""

    template: Mapping[str, Any]
    """Before SAM's transformation."""
    parameters: Mapping[str, str]
    target: DeploymentTarget
    stack: str
    """Its name."""

    def of_type(self, kind: str) -> dict[str, Any]:
        resources = self.template["Resources"].items()
        return {name: each["Properties"] for name, each in resources if each["Type"] == kind}

    def resolved(self, value: Any) -> Any:  # noqa: ANN401 - a part of a template
        """Replace references by texts that are as long as what they will refer to, or longer."""
        if isinstance(value, list):
            return [self.resolved(each) for each in value]
        if not isinstance(value, dict):
            return value
        how, what = next(iter(value.items()), ("", ""))
        if how == "Ref":
            return self._reference(what)
        if how == "Fn::GetAtt":
            return self._reference(what if isinstance(what, str) else ".".join(what))
        if how == "Fn::Sub":
            return re.sub(r"\$\{([\w:.]+)\}", lambda found: str(self._reference(found[1])), what)
        return {key: self.resolved(each) for key, each in value.items()}

    def _reference(self, name: str) -> str | list[str]:
        pseudo = {
            "AWS::Partition": self.target.partition,
            "AWS::Region": self.target.region,
            "AWS::AccountId": self.target.account,
            "AWS::StackName": self.stack,
            "AWS::URLSuffix": "amazonaws.com.cn",
        }
        if name in pseudo:
            return pseudo[name]
        declared = self.template["Parameters"].get(name)
        if declared is None:
            # An ARN with the name that CloudFormation makes: the stack's, this one and a suffix.
            return self.target.arn("cloudformation", f"{self.stack}-{name}-{'x' * 20}")
        value: str = self.parameters.get(name, declared.get("Default", ""))
        return value.split(",") if declared["Type"] == "CommaDelimitedList" else value


def limit_problems(plan: StackPlan) -> list[str]:
    """Name everything of which a deployment would have more than AWS takes."""
    return [str(size) for size in sizes(plan) if size.found > size.most]


def sizes(plan: StackPlan) -> Iterator[Size]:
    """Return how much of everything that has a limit there would be."""
    for name, properties in plan.of_type("AWS::IAM::ManagedPolicy").items():
        length = _length(plan.resolved(properties["PolicyDocument"]))
        yield Size(what=f"the managed policy {name}", found=length, most=MOST_OF_MANAGED)
    for kind in (_FUNCTION, _MACHINE):
        for name, properties in plan.of_type(kind).items():
            yield from _role_sizes(plan, name, properties, _OF_SAM[kind])
    for name in plan.of_type(_FUNCTION):
        yield _environment_size(plan, name)
    for name, value in plan.parameters.items():
        yield Size(what=f"the parameter {name}", found=len(value), most=MOST_OF_PARAMETER)
    for name, properties in plan.of_type(_MACHINE).items():
        length = len(str(plan.resolved(properties["Name"])))
        what = f"the name of the state machine {name}, which begins with the stack's,"
        yield Size(what=what, found=length, most=MOST_OF_MACHINE_NAME)
    length = len(json.dumps(plan.template).encode())
    yield Size(what="the template", found=length, most=MOST_OF_TEMPLATE, unit="bytes")


def _role_sizes(
    plan: StackPlan, name: str, properties: Mapping[str, Any], by_sam: int
) -> Iterator[Size]:
    policies = properties.get("Policies", [])
    own = [policy for policy in policies if "Statement" in policy]
    kept = properties.get("EventInvokeConfig", {}).get("DestinationConfig", {}).get("OnFailure")
    if kept:
        own.append(_as_sam_allows(kept["Destination"]))
    length = sum(_length(plan.resolved(policy)) for policy in own)
    yield Size(what=f"the inline policies of {name}", found=length, most=MOST_OF_INLINE)
    attached = by_sam + sum("Ref" in policy for policy in policies)
    what, unit = f"the role of {name}", "managed policies"
    mend = _FEWER_ROLES if {"Ref": PASSING} in policies else ""
    yield Size(what=what, found=attached, most=MOST_ATTACHED, unit=unit, mend=mend)


def _as_sam_allows(queue: object) -> dict[str, Any]:
    """Return the policy that SAM adds where a function's failures go into a queue."""
    return {"Statement": [{"Action": "sqs:SendMessage", "Effect": "Allow", "Resource": queue}]}


def _environment_size(plan: StackPlan, function: str) -> Size:
    shared = plan.template["Globals"]["Function"]["Environment"]["Variables"]
    own = plan.of_type(_FUNCTION)[function].get("Environment", {}).get("Variables", {})
    variables = plan.resolved(shared | own)
    length = sum(len(f"{name}{value}".encode()) for name, value in variables.items())
    what = f"the environment of {function}"
    return Size(what=what, found=length, most=MOST_OF_ENVIRONMENT, unit="bytes")


def _length(document: object) -> int:
    """Count a policy's characters as IAM does, which leaves out white space."""
    return len(re.sub(r"\s", "", json.dumps(document, ensure_ascii=False)))
