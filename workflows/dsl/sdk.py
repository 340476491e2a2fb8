"""The only importer of the `stepfunctions` SDK, and what its version 2.3.0 lacks.

Importing it sets the root logger to ERROR and prints uncaught errors in its own way, to standard
output; both are undone here. `LambdaStep` and `Workflow` look at the machine's AWS region, so
`Task` and `Graph` are used. Fields of the language that it does not know are added.

Tested in `test_generate.py`.
"""

import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Any, Final, TypeAlias

from workflows.dsl.sagemaker_stand_in import sagemaker_stood_in_for

_WARNING_SWITCH: Final = "SAGEMAKER_SUPPRESS_V2_WARNING"


@contextmanager
def _import_side_effects_undone() -> Iterator[None]:
    root, hook = logging.getLogger(), sys.excepthook
    level, disabled = root.level, root.manager.disable
    os.environ.setdefault(_WARNING_SWITCH, "1")
    logging.disable(logging.INFO)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)
        root.setLevel(level)
        sys.excepthook = hook


with _import_side_effects_undone(), sagemaker_stood_in_for():
    from stepfunctions import steps as _sdk


SdkState: TypeAlias = Any  # it has no types
SdkRule: TypeAlias = Any
Catch: Final = _sdk.Catch
Choice: Final = _sdk.Choice
Graph: Final = _sdk.Graph
Map: Final = _sdk.Map
Parallel: Final = _sdk.Parallel
Pass: Final = _sdk.Pass
Retry: Final = _sdk.Retry
Rule: Final = _sdk.ChoiceRule
Succeed: Final = _sdk.Succeed
Wait: Final = _sdk.Wait


class _MissingField(Enum):
    """Fields of the language that the SDK does not know."""

    RESULT_SELECTOR = "result_selector"
    CAUSE_PATH = "cause_path"


class Task(_sdk.Task):  # type: ignore[misc] # the SDK has no types
    def allowed_fields(self) -> list[Enum]:
        return [*super().allowed_fields(), _MissingField.RESULT_SELECTOR]


class Fail(_sdk.Fail):  # type: ignore[misc] # the SDK has no types
    def allowed_fields(self) -> list[Enum]:
        return [*super().allowed_fields(), _MissingField.CAUSE_PATH]
