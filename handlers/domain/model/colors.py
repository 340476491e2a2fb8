"""The colors of every application, in the order in which a release reaches them.

This is the one place to add a color: the generated machine, the configuration's
loader and the board all read this tuple.

Tested in `test_rollout_walked.py`.
"""

from typing import Final

COLORS: Final = ("red", "yellow", "green")
