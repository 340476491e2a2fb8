"""Slack's request signature, version 0. Tested in `tests/contract/wire/test_slack_callbacks.py`."""

import hashlib
import hmac


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return the value of `X-Slack-Signature`.

    Source: Slack's documentation, "Verifying requests from Slack": `v0=` and the hexadecimal
    HMAC-SHA256, keyed with the signing secret, of `v0:{timestamp}:{raw body}`.
    """
    signed = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def signed_headers(secret: str, timestamp: str, body: bytes) -> dict[str, str]:
    """Return the headers with which Slack sends a form to an app."""
    return {
        "Content-Type": "application/x-www-form-urlencoded",
        "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": signature(secret, timestamp, body),
    }
