"""Stands in for sagemaker while the SDK is imported, where it is not installed.

The SDK imports sagemaker (300 MB with what it needs) for steps that are not used here, and
pkg_resources, which setuptools no longer has, to read its own version. `make prove` generates
with the real ones, too, and compares the bytes.

Tested in `test_generate.py`.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.metadata import Distribution, distribution
from importlib.util import find_spec
from types import ModuleType
from typing import Final

STOOD_IN_FOR: Final = ("sagemaker", "pkg_resources")


class _StandIn(ModuleType):
    """A module in which every name is a class that does nothing."""

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})

    def require(self, name: str) -> list[Distribution]:
        """Answer as `pkg_resources.require` does, of one distribution."""
        return [distribution(name)]


class _Finder(MetaPathFinder, Loader):
    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002 - the protocol of import
        target: ModuleType | None = None,  # noqa: ARG002 - likewise
    ) -> ModuleSpec | None:
        """Find whatever belongs to a package that is stood in for."""
        if fullname.partition(".")[0] not in STOOD_IN_FOR:
            return None
        return ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is to be run in it."""


@contextmanager
def sagemaker_stood_in_for() -> Iterator[None]:
    """Answer imports of sagemaker until the block ends, unless the real one is installed."""
    if find_spec("sagemaker"):
        yield
        return
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name.partition(".")[0] in STOOD_IN_FOR]:
            del sys.modules[name]
