"""Slack's rate limits of an app. Tested in `tests/contract/wire/test_slack_wire.py`."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.wire.token_buckets import Bucket, Rate

MINUTE = 60.0

# Slack's documentation, "Rate limits". Posting is 1 a second per channel with "short bursts";
# how short is not said, so 5 is ours. The tiers are lower bounds, which we take literally.
POSTING = Rate(burst=5, per_second=1)
TIER_2 = Rate(burst=20, per_second=20 / MINUTE)
TIER_3 = Rate(burst=50, per_second=50 / MINUTE)
TIER_4 = Rate(burst=100, per_second=100 / MINUTE)

RATES = {
    "chat.postMessage": POSTING,
    "chat.update": TIER_3,
    "chat.postEphemeral": TIER_4,
    "conversations.history": TIER_3,
    "conversations.info": TIER_3,
    "conversations.replies": TIER_3,
    "usergroups.list": TIER_2,
    "usergroups.users.list": TIER_2,
    "users.info": TIER_4,
    "views.open": TIER_4,
    "views.update": TIER_4,
}


@dataclass
class RateLimits:
    """A bucket per method, and for posting one per channel. The workspace's lock guards it."""

    clock: Callable[[], float]
    buckets: dict[tuple[str, str], Bucket] = field(default_factory=dict)

    def wait_for(self, method: str, channel: str) -> int:
        """Take one call from its bucket.

        Returns:
            0, or the whole seconds after which there is room again (`Retry-After`).
        """
        rate = RATES.get(method)
        if rate is None:
            return 0
        now = self.clock()
        key = (method, channel if method == "chat.postMessage" else "")
        wait = self.buckets.setdefault(key, Bucket(rate, now)).take(now)
        return max(1, math.ceil(wait)) if wait else 0
