"""What a task reserves, and the least that ECS takes and is enough."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.domain.capacity.reservation import Reservation, is_fargate, reservation_of, rounded_up
from tests.support.builders import a_task_definition
from tests.support.sized import a_need


def container(**given):
    return {"name": "app", "image": "api", **given}


def of(*containers, **given):
    return reservation_of(a_task_definition(containerDefinitions=list(containers), **given))


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        (of(container(memory=512), cpu="256", memory="1024"), a_need(256, 1024)),
        (of(container(cpu=100, memory=512), container(cpu=20, memory=64)), a_need(120, 576)),
        (of(container(memory=512, memoryReservation=128)), a_need(0, 128)),
        (of(container(memory=512), cpu="256"), a_need(256, 512)),
    ],
    ids=["its own", "its containers'", "the soft limit", "its own CPU alone"],
)
def test_a_task_reserves_its_own_sizes_or_else_its_containers(definition, expected):
    assert definition == expected


@pytest.mark.parametrize(
    ("mode", "mapping", "ports"),
    [
        ("bridge", {"containerPort": 80, "hostPort": 9000}, {"9000/tcp"}),
        ("bridge", {"containerPort": 80, "hostPort": 9000, "protocol": "udp"}, {"9000/udp"}),
        ("bridge", {"containerPort": 80, "hostPort": 0}, set()),
        ("bridge", {"containerPort": 80}, set()),
        ("host", {"containerPort": 80}, {"80/tcp"}),
        ("awsvpc", {"containerPort": 80, "hostPort": 80}, set()),
    ],
)
def test_a_fixed_host_port_is_reserved_too(mode, mapping, ports):
    need = of(container(memory=64, portMappings=[mapping]), networkMode=mode)

    assert need.ports == ports


@pytest.mark.parametrize(
    ("asked", "fargate", "taken"),
    [
        ((129, 65), False, (192, 96)),
        ((128, 64), False, (128, 64)),
        ((3, 3), False, (128, 64)),
        ((200, 300), True, (256, 512)),
        ((200, 2049), True, (512, 3072)),
        ((1100, 2000), True, (2048, 4096)),
        ((4096, 30 * 1024 + 1), True, (8192, 32 * 1024)),
    ],
)
def test_a_suggestion_is_rounded_up_to_what_ecs_takes(asked, fargate, taken):
    made = rounded_up(*asked, fargate=fargate)

    assert (made.cpu, made.memory) == taken


def test_more_than_fargate_has_is_none_of_its_sizes():
    assert rounded_up(16_385, 1, fargate=True) is None
    assert rounded_up(1, 120 * 1024 + 1, fargate=True) is None


@given(st.floats(0, 16_384), st.floats(0, 120 * 1024), st.booleans())
def test_what_is_rounded_up_is_always_enough(cpu, memory, fargate):
    made = rounded_up(cpu, memory, fargate=fargate)

    assert made.cpu >= cpu
    assert made.memory >= memory


def test_fargate_is_told_by_what_a_revision_requires():
    assert is_fargate(a_task_definition(requiresCompatibilities=["FARGATE"]))
    assert not is_fargate(a_task_definition(requiresCompatibilities=["EC2"]))
    assert not is_fargate(a_task_definition())


def test_a_reservation_is_said_in_words():
    need = Reservation(cpu=1024, memory=2048, ports=frozenset({"9000/tcp"}))

    assert str(need) == "1,024 CPU units and 2,048 MiB and port 9000/tcp"
