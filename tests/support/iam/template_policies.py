"""What the template lets each function do, with CloudFormation's references resolved."""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from operations.artifacts import TEMPLATE
from operations.cloudformation import STACK
from operations.local_aws import ACCOUNT, REGION
from tests.support.iam.recorded_calls import Call

ARNS = {
    "AWS::DynamoDB::Table": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{{}}",
    "AWS::Serverless::Function": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{{}}",
    "AWS::SQS::Queue": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{{}}",
    "AWS::Logs::LogGroup": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{{}}:*",
}
PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::StackName": STACK,
    "AWS::URLSuffix": "amazonaws.com",
}


@dataclass(frozen=True)
class Grant:
    """One action that one statement allows to one function."""

    function: str
    statement: str
    action: str
    resources: tuple[str, ...]
    conditions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Key of the request → the values that it may have."""

    def allows(self, call: Call) -> bool:
        return (
            (call.function, call.action) == (self.function, self.action)
            and any(fnmatchcase(call.resource, pattern) for pattern in self.resources)
            and all(dict(call.context).get(key) in values for key, values in self.conditions)
        )

    def __str__(self) -> str:
        return f"{self.function} may {self.action} ({self.statement})"


@cache
def _read(path: Path) -> Any:
    return yaml_parse(path.read_text())


class Template:
    """The committed template, with parameters."""

    def __init__(self, parameters: dict[str, str], path: Path = TEMPLATE) -> None:
        self.document = _read(path)
        declared = self.document["Parameters"]
        given = {name: one.get("Default", "") for name, one in declared.items()} | parameters
        self.parameters: dict[str, Any] = {
            name: value.split(",") if declared[name]["Type"] == "CommaDelimitedList" else value
            for name, value in given.items()
        }

    def of_type(self, kind: str) -> dict[str, Any]:
        """Return resources by their logical name."""
        return {
            name: resource["Properties"]
            for name, resource in self.document["Resources"].items()
            if resource["Type"] == kind
        }

    @property
    def functions(self) -> dict[str, Any]:
        return self.of_type("AWS::Serverless::Function")

    @property
    def tables(self) -> dict[str, Any]:
        return self.of_type("AWS::DynamoDB::Table")

    def environment(self, function: str) -> dict[str, str]:
        """Return what a function finds in its environment."""
        shared = self.document["Globals"]["Function"]["Environment"]["Variables"]
        own = self.functions[function].get("Environment", {}).get("Variables", {})
        return {name: str(self.resolved(value)) for name, value in (shared | own).items()}

    def grants(self) -> list[Grant]:
        """List everything that any function may do."""
        managed = self.of_type("AWS::IAM::ManagedPolicy")
        return [
            self._grant(function, statement, action)
            for function, properties in self.functions.items()
            for policy in properties.get("Policies", [])
            for statement in (
                managed[policy["Ref"]]["PolicyDocument"] if "Ref" in policy else policy
            )["Statement"]
            for action in _listed(statement["Action"])
        ]

    def _grant(self, function: str, statement: dict[str, Any], action: str) -> Grant:
        tests = statement.get("Condition", {})
        assert set(tests) <= {"StringEquals", "ArnEquals"}, f"teach the door {set(tests)}"
        assert statement["Effect"] == "Allow"
        conditions = [
            (key, tuple(_listed(self.resolved(value))))
            for test in tests.values()
            for key, value in test.items()
        ]
        resources = self.resolved(_listed(statement["Resource"]))
        flat = [one for each in resources for one in _listed(each)]
        return Grant(function, statement["Sid"], action, tuple(flat), tuple(conditions))

    def resolved(self, value: Any) -> Any:
        """Replace references by what they refer to."""
        if isinstance(value, list):
            return [self.resolved(each) for each in value]
        if not isinstance(value, dict):
            return value
        how, what = next(iter(value.items()))
        if how not in {"Ref", "Fn::GetAtt", "Fn::Sub"}:
            return {key: self.resolved(each) for key, each in value.items()}
        if how == "Ref":
            return self._reference(what)
        if how == "Fn::GetAtt":
            return self._reference(what if isinstance(what, str) else ".".join(what))
        return re.sub(r"\$\{([\w:.]+)\}", lambda found: self._reference(found[1]), what)

    def _reference(self, name: str) -> Any:
        if name in PSEUDO:
            return PSEUDO[name]
        if name in self.parameters:
            return self.parameters[name]
        logical, _, attribute = name.partition(".")
        physical = f"{STACK}-{logical}"
        kind = self.document["Resources"][logical]["Type"]
        return ARNS[kind].format(physical) if attribute == "Arn" else physical


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
