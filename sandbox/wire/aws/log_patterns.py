"""CloudWatch Logs' filter patterns for unstructured lines.

Source: CloudWatch Logs user guide, "Filter pattern syntax": words are joined by "and", those with
`?` by "or", those with `-` must not be there; what is not a word stands in quotation marks. Where
words with and without `?` are mixed, those with `?` are ignored. Case matters.

Tested in `tests/contract/wire/test_logs_wire.py`.
"""

import re
from collections.abc import Callable

_TERM = re.compile(r'\s*([?-]?)(?:"((?:[^"\\]|\\.)*)"|(\w+))(?=\s|$)')

Matches = Callable[[str], bool]


class PatternError(Exception):
    """It is not a pattern, or one that the sandbox does not know."""


def compile_pattern(pattern: str) -> Matches:
    """Return what says whether a line matches; an empty pattern matches all.

    Raises:
        PatternError: It is not a pattern, or one for JSON, fields or regular expressions.
    """
    terms: dict[str, list[str]] = {"": [], "?": [], "-": []}
    at, end = 0, len(pattern.rstrip())
    while at < end:
        found = _TERM.match(pattern, at)
        if found is None:
            raise PatternError("Invalid filter pattern")
        sign, quoted, word = found.groups()
        terms[sign].append(word if quoted is None else re.sub(r"\\(.)", r"\1", quoted))
        at = found.end()
    needed, excluded = terms[""], terms["-"]
    optional = [] if needed or excluded else terms["?"]

    def matches(line: str) -> bool:
        return (
            all(term in line for term in needed)
            and not any(term in line for term in excluded)
            and (not optional or any(term in line for term in optional))
        )

    return matches
