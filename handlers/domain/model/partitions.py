"""AWS's partitions: which one a region is of, and under which hosts it is reached there.

Names and endings are those of botocore's `partitions.json`; consoles are those of "AWS Management
Console endpoints" (AWS General Reference), "Amazon Web Services in China" and the GovCloud guide.
Of the isolated partitions nothing is published.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Partition:
    """One partition; no ARN, role or image of one is known in another."""

    name: str
    """As ARNs begin: `arn:aws-cn:…`."""
    suffix: str = "amazonaws.com"
    """What the hosts of its services end with."""
    console: str = "console.aws.amazon.com"


_BY_BEGINNING: Final = {
    "cn-": Partition(name="aws-cn", suffix="amazonaws.com.cn", console="console.amazonaws.cn"),
    "us-gov-": Partition(name="aws-us-gov", console="console.amazonaws-us-gov.com"),
    "eusc-": Partition(name="aws-eusc", suffix="amazonaws.eu", console="console.amazonaws-eusc.eu"),
    "us-iso-": Partition(name="aws-iso", suffix="c2s.ic.gov"),
    "us-isob-": Partition(name="aws-iso-b", suffix="sc2s.sgov.gov"),
    "eu-isoe-": Partition(name="aws-iso-e", suffix="cloud.adc-e.uk"),
    "us-isof-": Partition(name="aws-iso-f", suffix="csp.hci.ic.gov"),
}
_AWS: Final = Partition(name="aws")


def partition_of(region: str) -> Partition:
    """Return the partition that a region is of."""
    found = (each for start, each in _BY_BEGINNING.items() if region.startswith(start))
    return next(found, _AWS)


def ecr_host(account: str, region: str) -> str:
    """Return the host of an account's private registry."""
    return f"{account}.dkr.ecr.{region}.{partition_of(region).suffix}"
