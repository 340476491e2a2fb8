"""Names of executions: said by what they are for, and the same whenever the same is asked.

Tested in `test_slash_commands.py`.
"""

import hashlib
import re
from typing import Final

MAX_NAME: Final = 80
"""Characters of an execution's name (API_StartExecution)."""
EXECUTION_NAME: Final = re.compile(
    r"""[^\s<>{}\[\]?*"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]{1,80}"""
)
"""A name as Step Functions takes it (API_StartExecution); the ids of our records are such names."""


def execution_name(what: str, occasion: str) -> str:
    """Name an execution, so that what is delivered twice starts one.

    Args:
        what: what it is for, such as `api-v1.42.0`; cut where it is long.
        occasion: what tells this time from any other, such as a trigger id.
    """
    once = hashlib.sha256(occasion.encode(errors="replace")).hexdigest()[:10]
    return f"{what[: MAX_NAME - len(once) - 1]}-{once}"
