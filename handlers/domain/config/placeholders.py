"""Placeholders in the configuration. Tested in `test_verification_reader.py`."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from handlers.domain.model.measurements import Query

COLOR_PLACEHOLDERS: Final = ("service", "color")
"""One of these must be in whatever is measured of a color."""
PLACEHOLDERS: Final = (*COLOR_PLACEHOLDERS, "cluster", "application")
_PLACEHOLDER: Final = re.compile(r"\{(\w*)\}")


def placeholders(text: str) -> set[str]:
    """Return the names of the placeholders in a text: of `{service}-5xx` it is `service`."""
    return set(_PLACEHOLDER.findall(text))


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return the text with its placeholders filled in; one without a value stays."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


def filled_query(query: Query, values: Mapping[str, str]) -> Query:
    """Return the query with its placeholders filled in."""
    return replace(
        query,
        namespace=filled(query.namespace, values),
        metric=filled(query.metric, values),
        dimensions={name: filled(each, values) for name, each in query.dimensions.items()},
        expression=filled(query.expression, values),
    )


def query_texts(query: Query) -> str:
    """Return all texts of a query that may hold a placeholder."""
    texts = (query.namespace, query.metric, query.expression, *query.dimensions.values())
    return " ".join(texts)
