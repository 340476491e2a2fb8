"""The functions that the SAM template gives to a machine."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

STATE_MACHINE: Final = "AWS::Serverless::StateMachine"
FUNCTION: Final = "AWS::Serverless::Function"


class TemplateError(Exception):
    """The template and the machine do not match; the message has a line for each mismatch."""


class _Loader(yaml.SafeLoader):
    """Takes CloudFormation's short tags (`!GetAtt a.b`) as their long forms."""


def _long_form(loader: _Loader, tag: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        return {tag: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {tag: loader.construct_sequence(node, deep=True)}
    if isinstance(node, yaml.MappingNode):
        return {tag: loader.construct_mapping(node, deep=True)}
    raise TypeError(f"no such node in YAML: {node}")


_Loader.add_multi_constructor("!", _long_form)


def read_template(template: Path) -> dict[str, Any]:
    """Read a SAM template, with CloudFormation's short tags in their long forms."""
    loader = _Loader(template.read_text(encoding="utf-8"))
    try:
        document: dict[str, Any] = loader.get_single_data()
    finally:
        loader.dispose()
    return document


def placeholders_of(template: Path, definition: str = "rollout.asl.json") -> set[str]:
    """The placeholders of a definition that the template fills with ARNs of its own.

    Args:
        template: The SAM template.
        definition: The name of the definition's file, by which its machine is known.

    Raises:
        TemplateError: A placeholder is filled with something that is no function and no
            machine of the template, or a function has no event and nothing refers to it.
    """
    resources = read_template(template)["Resources"]
    machines = [
        r
        for r in resources.values()
        if r["Type"] == STATE_MACHINE and r["Properties"].get("DefinitionUri") == definition
    ]
    filled = {
        name: value
        for machine in machines
        for name, value in machine["Properties"].get("DefinitionSubstitutions", {}).items()
    }
    if misfits := _mismatches(filled, resources):
        raise TemplateError("\n".join(misfits))
    return set(filled)


def _mismatches(filled: Mapping[str, Any], resources: Mapping[str, Any]) -> list[str]:
    functions = {name: r for name, r in resources.items() if r["Type"] == FUNCTION}
    machines = [name for name, r in resources.items() if r["Type"] == STATE_MACHINE]
    ours = [{"GetAtt": f"{name}.Arn"} for name in functions] + [{"Ref": name} for name in machines]
    strays = [
        f"{name}: is filled with something that is no function of the template"
        for name, value in filled.items()
        if value not in ours
    ]
    idle = [
        f"{name}: is a function that nothing invokes"
        for name, function in functions.items()
        if "Events" not in function["Properties"] and not _is_referenced(name, resources)
    ]
    return strays + idle


def _is_referenced(name: str, resources: Mapping[str, Any]) -> bool:
    mention = re.compile(rf"(^|\$\{{){name}($|[.}}])")
    others = (resource for other, resource in resources.items() if other != name)
    return any(mention.search(text) for other in others for text in _strings_in(other))


def _strings_in(data: object) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        yield from (text for value in data.values() for text in _strings_in(value))
    elif isinstance(data, list):
        yield from (text for value in data for text in _strings_in(value))
