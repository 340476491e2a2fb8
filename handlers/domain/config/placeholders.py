"""Placeholders in the configuration: what is filled in for each color."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from handlers.domain.model.measurements import Query

COLOR_PLACEHOLDERS: Final = ("service", "color")
"""One of these must be in whatever is measured per color."""
PLACEHOLDERS: Final = (*COLOR_PLACEHOLDERS, "cluster", "application")
_PLACEHOLDER: Final = re.compile(r"\{(\w*)\}")


def placeholders(text: str) -> set[str]:
    """Name the placeholders in a text: in `{service}-5xx` it is `service`."""
    return set(_PLACEHOLDER.findall(text))


def filled(text: str, values: Mapping[str, str]) -> str:
    """Fill a text's placeholders in; what is in braces and has no value stays."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


def filled_query(query: Query, values: Mapping[str, str]) -> Query:
    """Fill a query's placeholders in."""
    return replace(
        query,
        namespace=filled(query.namespace, values),
        metric=filled(query.metric, values),
        dimensions={name: filled(each, values) for name, each in query.dimensions.items()},
        expression=filled(query.expression, values),
    )


def query_texts(query: Query) -> str:
    """Return all of a query's texts in which a placeholder may stand."""
    texts = (query.namespace, query.metric, query.expression, *query.dimensions.values())
    return " ".join(texts)
