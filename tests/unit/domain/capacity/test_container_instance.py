"""What fits on an instance, and how many instances tasks need."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.domain.capacity.container_instance import instances_needed, tasks_that_fit
from tests.support.sized import a_need, a_room


@pytest.mark.parametrize(
    ("need", "room", "fits"),
    [
        (a_need(256, 512), a_room(256, 512), True),
        (a_need(257, 512), a_room(256, 512), False),
        (a_need(256, 513), a_room(256, 512), False),
        (a_need(1, 1, "80/tcp"), a_room(9, 9, "80/udp"), True),
        (a_need(1, 1, "80/tcp"), a_room(9, 9, "80/tcp"), False),
    ],
)
def test_a_task_fits_where_cpu_memory_and_ports_are_left(need, room, fits):
    assert room.fits(need) is fits


@pytest.mark.parametrize(
    ("need", "room", "tasks"),
    [
        (a_need(256, 512), a_room(4096, 15_500), 16),
        (a_need(256, 1024), a_room(4096, 15_500), 15),
        (a_need(0, 512), a_room(4096, 15_500), 30),
        (a_need(8192, 512), a_room(4096, 15_500), 0),
        (a_need(256, 512, "80/tcp"), a_room(4096, 15_500), 1),
    ],
    ids=["by CPU", "by memory", "no CPU reserved", "too large", "a port of its own"],
)
def test_equal_tasks_fit_as_often_as_the_scarcer_resource_lets_them(need, room, tasks):
    assert tasks_that_fit(need, room) == tasks


@pytest.mark.parametrize(
    ("needs", "instances"),
    [
        ([], 0),
        ([a_need(2048, 1000)] * 4, 2),
        # In the order given, one after the other would take three.
        ([a_need(1500, 9), a_need(2500, 9), a_need(1500, 9), a_need(2500, 9)], 2),
        # CPU of the one goes with memory of the other.
        ([a_need(4000, 1000), a_need(90, 14_000)], 1),
        ([a_need(10, 10, "80/tcp")] * 3, 3),
        ([a_need(9000, 10)], None),
    ],
    ids=["nothing", "equal", "largest first", "both resources", "ports", "fits nowhere"],
)
def test_tasks_are_packed_on_few_instances(needs, instances):
    assert instances_needed(needs, a_room(4096, 15_500)) == instances


NEEDS = st.lists(st.builds(a_need, st.integers(1, 4096), st.integers(1, 15_500)), max_size=30)


@given(NEEDS)
def test_packing_is_never_better_than_possible_nor_worse_than_one_each(needs):
    room = a_room()

    instances = instances_needed(needs, room)

    fewest = max(sum(n.cpu for n in needs) / room.cpu, sum(n.memory for n in needs) / room.memory)
    assert fewest <= instances <= len(needs)


@given(st.integers(1, 50), st.integers(1, 4096), st.integers(1, 15_500))
def test_packing_equal_tasks_is_as_good_as_counting_them(tasks, cpu, memory):
    need, room = a_need(cpu, memory), a_room()

    assert instances_needed([need] * tasks, room) == -(-tasks // tasks_that_fit(need, room))
