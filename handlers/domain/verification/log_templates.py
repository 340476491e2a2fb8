"""Log messages as templates: what equal errors share, without what may not be quoted.

Equal errors become equal texts, and a text on a board holds no number, address, identifier or
secret of the request that failed. Texts stay, so whatever a program writes into its messages as
plain words (a person's name, say) is quoted: an application that logs those should not be.
"""

import re
from typing import Final

from handlers.domain.history.audit import masked

MAX_READ: Final = 2_000
"""Characters of a message that are read."""
MAX_TEMPLATE: Final = 200
"""Characters of a template."""

_COLOR: Final = re.compile(r"\x1b\[[0-9;]{0,20}[A-Za-z]")
_MESSAGE_FIELD: Final = re.compile(
    r"\b(?:message|msg|errorMessage|error|err)\"?\s*[=:]\s*\"(?P<message>(?:[^\"\\]|\\.)*)",
    re.DOTALL,
)
"""The message of a structured line: JSON, or `key=value` all along."""
_STRUCTURED: Final = re.compile(r"\s*(?:\{|[\w.]{1,40}=)")

_MARKS: Final = {
    "secret": r"""
        -----BEGIN\b.*                                         # a key, to the end
      | \b(?:authorization|(?:set-)?cookie)["']?\s*[=:].*      # headers, to the end
      | \bbearer\s+[\w.~+/=-]{8,} | \bbasic\s+(?=[a-z+/]*[\d=])[\w+/=]{8,}
      | \beyJ[\w-]+\.[\w.-]*                                   # a JSON web token
      | \bx(?:ox[a-z]|app)-[\w-]+                              # Slack's
      | \b(?:A[KS]IA|AROA|AIDA)[A-Z0-9]{8,}                    # AWS's
    """,
    "credential": r"""
        (?:passw(?:or)?d|passwd|pwd|pass|secret|token|api[_-]?key|access[_-]?key|credential
         |signature|session)[\w.-]{0,40}["']?\s{0,5}[=:]\s{0,5}
        (?:bearer\s+|basic\s+)?
        (?:"(?:[^"\\]|\\.)*(?:"|$)|'(?:[^'\\]|\\.)*(?:'|$)|[^\s,;&]+)
    """,
    "url": r"""
        \b[a-z][a-z\d+.-]{1,20}://(?:[^\s"'<>]*@)?[\w.-]*[^\s"'<>]*
    """,
    "text": r"""
        "(?:[^"\\]|\\.)*(?:"|$)
      | (?<!\w)'(?:[^'\\]|\\.)*(?:'|$)                         # not the apostrophe of “can't”
      | `[^`]*(?:`|$) | “[^”]*(?:”|$)
      | (?<=\?)[^\s?&=]{1,80}=\S*                              # what follows a path's `?`
    """,
    "email": r"[^\s@\"'<>(),;:=]{1,64}@[\w.-]{1,255}",
    "time": r"""
        \b\d{4}-\d\d-\d\d(?:[T\ ]\d\d:\d\d(?::\d\d)?(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)?
      | \b\d{1,2}:\d\d:\d\d(?:[.,]\d{1,9})?
    """,
    "ip": r"""
        \b\d{1,3}(?:\.\d{1,3}){3}\b
      | (?<![\w:])(?:[0-9a-f]{1,4}:){3,7}[0-9a-f]{1,4}\b
      | (?<![\w:])(?=[0-9a-f:]*\d)(?:[0-9a-f]{1,4}:){0,6}:(?::?[0-9a-f]{1,4}){1,6}\b
    """,
    "id": r"""
        \b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b
      | \b0x[0-9a-f]+\b
      | \b(?=\d*[a-f])(?=[a-f]*\d)[0-9a-f]{8,}\b
      | (?=[\w+/=-]*\d)[\w+/=-]{20,}                           # base64, and what looks like it
      | \b(?=[a-z_]*\d)(?=\d*[a-z_])\w{12,}\b
    """,
    "number": r"\d+(?:[.,]\d+)*",
}
_ANY: Final = re.compile(
    "|".join(f"(?P<{name}>{pattern})" for name, pattern in _MARKS.items()),
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_URL: Final = re.compile(r"([^:]*://)(?:.*@)?([\w.-]*)(.*)", re.DOTALL)
_KEY: Final = re.compile(r"[\w.-]*")
_DIGITS: Final = re.compile(r"\d+")


def as_template(message: str) -> str:
    """Return one short line that equal errors share: `timeout after # s for [email]`.

    Secrets, quoted texts, addresses, identifiers, times and numbers become marks. Of a
    structured line (JSON, `key=value`) only its message is read, where it has one.
    """
    read = _whole_words(_COLOR.sub("", message[:MAX_READ]), is_cut=len(message) > MAX_READ)
    field = _MESSAGE_FIELD.search(read) if _STRUCTURED.match(read) else None
    text = field["message"].replace("\\n", " ").replace('\\"', '"') if field else read
    line = " ".join(_ANY.sub(_mark, masked(_printable(text))).split())
    return line if len(line) <= MAX_TEMPLATE else f"{line[: MAX_TEMPLATE - 1]}…"


def _mark(found: re.Match[str]) -> str:
    match found.lastgroup:
        case "number":
            return "#"
        case "credential":
            return f"{_named(found[0])}=[secret]"
        case "url":
            return _host(found[0])
        case "text":
            return "[…]"
        case kind:
            return f"[{kind}]"


def _named(pair: str) -> str:
    """Return a secret's name, without what it is."""
    key = _KEY.match(pair)
    return _DIGITS.sub("#", key[0]) if key else ""


def _host(url: str) -> str:
    """Return an address's scheme and host, without user, path and query."""
    parts = _URL.match(url)
    if not parts:
        return "[…]"
    return _DIGITS.sub("#", parts[1] + parts[2]) + ("/[…]" if len(parts[3]) > 1 else "")


def _whole_words(text: str, *, is_cut: bool) -> str:
    """Leave out a last word that was cut: half a secret no longer looks like one."""
    begin, _, rest = text.rpartition(" ")
    return begin if is_cut and rest and begin else text


def _printable(text: str) -> str:
    return "".join(each if each.isprintable() else " " for each in text)
