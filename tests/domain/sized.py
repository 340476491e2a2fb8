"""Instances and reservations, for the tests of what fits where."""

from handlers.domain.instance import Instance, Room
from handlers.domain.reservation import Reservation


def a_need(cpu=256, memory=512, *ports):
    return Reservation(cpu=cpu, memory=memory, ports=frozenset(ports))


def a_room(cpu=4096, memory=15_500, *taken):
    return Room(cpu=cpu, memory=memory, taken=frozenset(taken))


def an_instance(name="a", left=None, **given):
    usual = {
        "arn": f"arn:aws:ecs:ap-northeast-1:123456789012:container-instance/recipes/{name}",
        "id": f"i-{name}",
        "type": "m6i.xlarge",
        "whole": a_room(),
        "left": left or a_room(),
    }
    return Instance(**(usual | given))
