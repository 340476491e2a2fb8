"""EC2's two kinds of fleets: what they have, what they aim at, and changing that."""

from collections.abc import Mapping
from typing import Any, Final, Protocol

from handlers.domain.capacity.spot_policy import Fleet
from handlers.domain.model.errors import NotThere
from handlers.gateways.aws_clients import aws_errors

_ACTIVE: Final = "active"


class Ec2(Protocol):
    """What is needed of boto3's client."""

    def describe_spot_fleet_requests(self, **asked: object) -> Mapping[str, Any]: ...

    def modify_spot_fleet_request(self, **asked: object) -> Mapping[str, Any]: ...

    def describe_fleets(self, **asked: object) -> Mapping[str, Any]: ...

    def modify_fleet(self, **asked: object) -> Mapping[str, Any]: ...


class SpotFleets:
    def __init__(self, client: Ec2) -> None:
        self._client = client

    def describe(self, fleet: str) -> Fleet:
        """Describe one.

        Raises:
            NotThere: it does not exist.
        """
        with aws_errors(f"describe spot fleet request {fleet}"):
            answer = self._client.describe_spot_fleet_requests(SpotFleetRequestIds=[fleet])
        if not answer["SpotFleetRequestConfigs"]:
            raise NotThere(f"describe spot fleet request {fleet}: there is none")
        found = answer["SpotFleetRequestConfigs"][0]
        config = found["SpotFleetRequestConfig"]
        return Fleet(
            target=config["TargetCapacity"],
            fulfilled=config.get("FulfilledCapacity", 0.0),
            busy=_busy(found["SpotFleetRequestState"]),
        )

    def resize(self, fleet: str, target: int) -> bool:
        """Set its target capacity; what becomes of excess instances is the fleet's own setting."""
        with aws_errors(f"modify spot fleet request {fleet}"):
            answer = self._client.modify_spot_fleet_request(
                SpotFleetRequestId=fleet, TargetCapacity=target
            )
        return bool(answer["Return"])


class Ec2Fleets:
    def __init__(self, client: Ec2) -> None:
        self._client = client

    def describe(self, fleet: str) -> Fleet:
        """Describe one.

        Raises:
            NotThere: it does not exist.
        """
        with aws_errors(f"describe fleet {fleet}"):
            answer = self._client.describe_fleets(FleetIds=[fleet])
        if not answer["Fleets"]:
            raise NotThere(f"describe fleet {fleet}: there is none")
        found = answer["Fleets"][0]
        return Fleet(
            target=found["TargetCapacitySpecification"]["TotalTargetCapacity"],
            fulfilled=found.get("FulfilledCapacity", 0.0),
            busy=_busy(found["FleetState"]),
        )

    def resize(self, fleet: str, target: int) -> bool:
        """Set its total target capacity."""
        with aws_errors(f"modify fleet {fleet}"):
            answer = self._client.modify_fleet(
                FleetId=fleet, TargetCapacitySpecification={"TotalTargetCapacity": target}
            )
        return bool(answer["Return"])


def _busy(state: str) -> str:
    """Say why a fleet in this state must not be changed; only an active one may be."""
    return "" if state == _ACTIVE else f"it is {state.replace('_', ' ')}"
