"""Pages of lists, with a token that is the place to go on from.

Tested in `tests/contract/wire/test_ecs_wire.py`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sandbox.world.world_errors import InvalidParameterError

Item = TypeVar("Item")

MOST_RESULTS = 100


def page(
    items: Sequence[Item], request: Mapping[str, Any], most: int = MOST_RESULTS
) -> tuple[list[Item], dict[str, str]]:
    """Return the page that a request asks for, and its `nextToken` when there is more.

    Raises:
        InvalidParameterError: The token is not one of ours, or the page size is not allowed.
    """
    size = int(request.get("maxResults") or most)
    token = str(request.get("nextToken") or "0")
    if not token.isdecimal():
        raise InvalidParameterError("Invalid token.")
    if not 1 <= size <= MOST_RESULTS:
        raise InvalidParameterError(f"maxResults must be between 1 and {MOST_RESULTS}.")
    start = int(token)
    more = {"nextToken": str(start + size)} if start + size < len(items) else {}
    return list(items[start : start + size]), more
