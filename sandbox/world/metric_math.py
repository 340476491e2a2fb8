"""The part of CloudWatch's metric math that checks use: arithmetic, and `FILL` with a number.

Tested in `tests/sandbox/world/test_world_telemetry.py`.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

Series = Mapping[float, float]
"""Start of the period, in seconds since the epoch → value."""

_OPERATORS: Final[Mapping[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


class ExpressionError(Exception):
    """The expression cannot be read, or names what is not there."""


def parsed(expression: str) -> ast.expr:
    """Read an expression such as `100 * errors / requests`.

    Raises:
        ExpressionError: It is not an expression.
    """
    try:
        return ast.parse(expression.replace("^", "**"), mode="eval").body
    except (SyntaxError, ValueError) as error:
        raise ExpressionError("Unable to parse the expression.") from error


def names(tree: ast.expr) -> set[str]:
    """Return the ids that an expression refers to."""
    called = {node.func for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node not in called}


def evaluated(tree: ast.expr, series: Mapping[str, Series]) -> Series | float:
    """Evaluate an expression.

    The result has a value where every series of the expression has one; a division by zero leaves
    the value out. Source: CloudWatch user guide, "Using math expressions".

    Raises:
        ExpressionError: It has a function or an operator that the sandbox does not know.
    """
    match tree:
        case ast.Constant(value=int() | float() as value):
            return value
        case ast.Name(id=name):
            return series[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _combined(operator.sub, 0.0, evaluated(operand, series))
        case ast.BinOp(left=left, op=kind, right=right) if type(kind) in _OPERATORS:
            both = evaluated(left, series), evaluated(right, series)
            return _combined(_OPERATORS[type(kind)], *both)
        case ast.Call(func=ast.Name(id="FILL"), args=[filled, ast.Constant(value=int() as value)]):
            return _filled(evaluated(filled, series), value, series)
    raise ExpressionError(f"The sandbox does not know {ast.unparse(tree)}.")


def _combined(
    operate: Callable[[Any, Any], Any], left: Series | float, right: Series | float
) -> Series | float:
    if not isinstance(left, Mapping) and not isinstance(right, Mapping):
        return float(operate(left, right))
    here = [side.keys() for side in (left, right) if isinstance(side, Mapping)]
    made = {}
    for moment in sorted(here[0] & here[-1]):
        one = left[moment] if isinstance(left, Mapping) else left
        other = right[moment] if isinstance(right, Mapping) else right
        try:
            made[moment] = float(operate(one, other))
        except ZeroDivisionError:
            continue
    return made


def _filled(value: Series | float, number: float, series: Mapping[str, Series]) -> Series | float:
    if not isinstance(value, Mapping):
        return value
    moments = {moment for one in series.values() for moment in one}
    return {moment: value.get(moment, float(number)) for moment in sorted(moments)}
