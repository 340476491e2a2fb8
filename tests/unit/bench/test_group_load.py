"""How calls are held against a rate: a bucket of so many, refilled by so many each second."""

from bench.group_load import RATES, busiest_second, least_left


def test_a_bucket_is_drawn_down_by_a_burst_and_fills_up_again():
    burst = [0.0] * 4
    later = [10.0] * 4

    assert least_left(burst, 5, 1) == 1
    assert least_left([*burst, *later], 5, 1) == 1
    assert least_left([*burst, 1.0, 1.0, 1.0], 5, 1) == -1


def test_the_busiest_second_begins_anywhere():
    assert busiest_second([0.0, 0.9, 1.1, 1.2, 1.8, 3.0]) == 4


def test_ecs_own_rates_are_those_that_are_held_against():
    assert RATES["UpdateService"] == (50, 5)
    assert RATES["RegisterTaskDefinition"] == (20, 1)
