"""Identifiers in AWS's shapes, drawn from a seed so that a run can be repeated.

Tested in `tests/sandbox/world/test_world_events.py`.
"""

import random
from dataclasses import dataclass, field
from string import ascii_letters, digits

_DEPLOYMENT_DIGITS = 19


@dataclass(slots=True)
class Identifiers:
    """Draws identifiers. The same seed gives the same ones in the same order."""

    region: str
    account: str
    seed: int = 0
    generator: random.Random = field(init=False)

    def __post_init__(self) -> None:
        """Start the sequence."""
        self.generator = random.Random(self.seed)

    def arn(self, resource: str, service: str = "ecs") -> str:
        """Return the ARN of a resource such as `cluster/recipes`."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"

    def hexadecimal(self, characters: int = 32) -> str:
        """Return lower case hexadecimal digits, as in task ids (32) and load balancer ids (16)."""
        return f"{self.generator.getrandbits(4 * characters):0{characters}x}"

    def uuid(self) -> str:
        """Return an identifier in the shape of a UUID, as events have."""
        bits = self.hexadecimal()
        return f"{bits[:8]}-{bits[8:12]}-{bits[12:16]}-{bits[16:20]}-{bits[20:]}"

    def number(self) -> str:
        """Return 19 digits, as in `ecs-svc/…` and in the ARN of a service revision."""
        minimum = 10 ** (_DEPLOYMENT_DIGITS - 1)
        return str(self.generator.randrange(minimum, 10 * minimum))

    def token(self, characters: int = 21) -> str:
        """Return letters and digits, as in the ARN of a service deployment."""
        return "".join(self.generator.choices(ascii_letters + digits, k=characters))
