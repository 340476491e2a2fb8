"""Every single fault at every call of what a handler is given, for handlers of few calls."""

from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn

from handlers.domain.model.errors import Refused, Transient
from simulator.call_faults import FunctionDied


def fails(_effect: Callable[[], Any], error: type[Exception] = Transient) -> NoReturn:
    raise error("it does not answer")


def is_refused(effect: Callable[[], Any]) -> NoReturn:
    fails(effect, Refused)


def loses_its_answer(effect: Callable[[], Any]) -> NoReturn:
    effect()
    fails(effect)


def dies_before(_effect: Callable[[], Any]) -> NoReturn:
    raise FunctionDied


def dies_after(effect: Callable[[], Any]) -> NoReturn:
    effect()
    raise FunctionDied


def is_sent_twice(effect: Callable[[], Any]) -> Any:
    effect()
    return effect()


FAULTS: tuple[Callable[[Callable[[], Any]], Any], ...] = (
    fails,
    is_refused,
    loses_its_answer,
    dies_before,
    dies_after,
    is_sent_twice,
)


class Faulty:
    """Whatever is asked, with one fault at the how-manieth call of all."""

    def __init__(
        self,
        target: Any,
        calls: list[str],
        place: int,
        fault: Callable[[Callable[[], Any]], Any],
    ) -> None:
        self._target, self._calls, self._place, self._fault = target, calls, place, fault

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._target, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            self._calls.append(name)
            effect = partial(method, *args, **kwargs)
            return self._fault(effect) if len(self._calls) == self._place else effect()

        return call


def tried(handler: Any, event: Any) -> Any:
    """Run a handler as Lambda and the machine do: what failed comes again; return its answer."""
    for _ in range(3):
        try:
            return handler.lambda_handler(event, None)
        except (Transient, Refused, FunctionDied):
            continue
    return None
