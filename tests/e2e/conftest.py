"""What `make test` plays end to end, on real servers and in a browser; `make prove` plays all."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
SAMPLE = (
    "test_closed_door.py",  # says itself which stories
    "test_deploy.py",
    "test_stack.py",
    "test_scenarios.py::test_a_scenario_ends_rightly_and_leaves_no_lock[happy]",
    "test_scenarios.py::test_a_scenario_ends_rightly_and_leaves_no_lock[crash-on-red]",
    "test_scenarios.py::test_all_colors_run_one_revision_or_each_its_previous[happy]",
    "test_scenarios.py::test_all_colors_run_one_revision_or_each_its_previous[crash-on-red]",
    "test_scenarios.py::test_what_only_looks_stable_is_never_a_success[crash-on-red-",
    "test_scenarios.py::test_several_applications_end_rightly_as_one_release_and_leave_no_lock[two-applications]",
    "test_channel_page.py::test_a_board_appears_and_is_edited_live",
    "test_channel_page.py::test_another_person_can_be_chosen_and_then_acts",
    "test_page_recovery.py::test_what_ecs_runs_is_shown_and_followed",
    "test_rollout_on_the_page.py",
    "test_traffic_charts.py::test_names_are_words_and_never_markup",
)
"""Files and tests, as their ids begin below this folder."""


def pytest_collection_modifyitems(items):
    for item in items:
        of_here = HERE in item.path.parents
        if of_here and not any(f"/{each}" in item.nodeid for each in SAMPLE):
            item.add_marker(pytest.mark.prove)
