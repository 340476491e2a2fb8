"""Whether a request comes from Slack.

https://docs.slack.dev/authentication/verifying-requests-from-slack: `v0=` and the
HMAC-SHA256 of `v0:{timestamp}:{raw body}`, compared in constant time, no older than five
minutes. Fails closed on anything malformed, and shows neither secret nor signature.
"""

import hmac
from datetime import datetime
from typing import Final

MAX_AGE: Final = 300
"""Seconds, in either direction."""
MAX_DIGITS: Final = 12
"""Of seconds since the epoch: enough for 30,000 years."""


def may_be_genuine(timestamp: str, signature: str, now: datetime) -> bool:
    """Tell whether a secret is worth fetching: well-formed, and not too old or too new."""
    if not (timestamp.isascii() and timestamp.isdigit() and signature.isascii()):
        return False
    return len(timestamp) <= MAX_DIGITS and abs(now.timestamp() - int(timestamp)) <= MAX_AGE


def is_from_slack(
    body: bytes, *, timestamp: str, signature: str, secret: str, now: datetime
) -> bool:
    """Check a request's signature over its raw (decoded) body."""
    if not secret or not may_be_genuine(timestamp, signature, now):
        return False
    signed = b"v0:" + timestamp.encode() + b":" + body
    expected = "v0=" + hmac.new(secret.encode(), signed, "sha256").hexdigest()
    return hmac.compare_digest(expected, signature)
