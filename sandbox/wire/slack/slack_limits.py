"""Slack's limits on blocks and views, checked as Slack checks them.

Source: the Block Kit reference at docs.slack.dev. The sentences are those that Slack's API answers
where public reports quote them (`must be less than 3001 characters`, `no more than 10 items
allowed`, `invalid additional property: disabled`); the others follow their pattern.
"""

from dataclasses import dataclass, field
from typing import Any

from sandbox.wire.slack.slack_shapes import BLOCK_KEYS, ELEMENT_KEYS, ELEMENTS_IN, VIEW_KEYS

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
ID = 255
HEADER_TEXT = 150
SECTION_TEXT = 3000
SECTION_FIELDS = 10
FIELD_TEXT = 2000
CONTEXT_ELEMENTS = 10
ACTIONS_ELEMENTS = 25
BUTTON_TEXT = 75
BUTTON_VALUE = 2000
BUTTON_URL = 3000
CONFIRM_TITLE = 100
CONFIRM_TEXT = 300
CONFIRM_LABEL = 30
INPUT_LABEL = 2000
PLACEHOLDER = 150
OPTIONS = 100
OPTION_TEXT = 75
OPTION_VALUE = 150
VIEW_TITLE = 24
VIEW_LABEL = 24
PRIVATE_METADATA = 3000
STYLES = ("primary", "danger")


def problems_of_blocks(blocks: object, most: int = MESSAGE_BLOCKS) -> list[str]:
    """Return Slack's objections to a list of blocks, in their order."""
    check = LimitCheck()
    check.blocks(blocks, "/blocks", most)
    return check.problems


def problems_of_view(view: dict[str, Any]) -> list[str]:
    """Return Slack's objections to a modal view."""
    check = LimitCheck()
    if view.get("type") != "modal":
        check.add_problem("unsupported type: " + str(view.get("type")), "/view/type")
    check.keys(view, "/view", VIEW_KEYS)
    check.text(view.get("title"), "/view/title", VIEW_TITLE, plain=True)
    for label in ("submit", "close"):
        if label in view:
            check.text(view[label], f"/view/{label}", VIEW_LABEL, plain=True)
    check.string(view, "private_metadata", "/view", PRIVATE_METADATA)
    check.string(view, "callback_id", "/view", ID)
    check.blocks(view.get("blocks"), "/view/blocks", VIEW_BLOCKS)
    blocks = view.get("blocks")
    asks = isinstance(blocks, list) and any(_type_of(block) == "input" for block in blocks)
    if asks and "submit" not in view:
        check.add_problem("missing required field: submit", "/view")
    return check.problems


@dataclass
class LimitCheck:
    """Checks blocks, and collects each problem with the JSON pointer of its place."""

    problems: list[str] = field(default_factory=list)

    def add_problem(self, problem: str, pointer: str) -> None:
        self.problems.append(f"{problem} [json-pointer:{pointer}]")

    def blocks(self, blocks: object, pointer: str, most: int) -> None:
        seen: set[str] = set()
        for index, block in enumerate(self.items(blocks, pointer, most)):
            at = f"{pointer}/{index}"
            kind = _type_of(block)
            if kind not in BLOCK_KEYS:
                self.add_problem(f"unsupported type: {kind}", f"{at}/type")
                continue
            self.keys(block, at, BLOCK_KEYS[kind])
            self.string(block, "block_id", at, ID)
            self.once(block, "block_id", at, seen)
            getattr(self, f"_{kind}")(block, at)

    def _header(self, block: dict[str, Any], at: str) -> None:
        self.text(block.get("text"), f"{at}/text", HEADER_TEXT, plain=True)

    def _section(self, block: dict[str, Any], at: str) -> None:
        if "text" not in block and "fields" not in block:
            self.add_problem("must define either `fields` or `text`", at)
        if "text" in block:
            self.text(block["text"], f"{at}/text", SECTION_TEXT)
        if "fields" in block:
            fields = self.items(block["fields"], f"{at}/fields", SECTION_FIELDS)
            for index, text in enumerate(fields):
                self.text(text, f"{at}/fields/{index}", FIELD_TEXT)
        if "accessory" in block:
            self.elements([block["accessory"]], [f"{at}/accessory"], "section")

    def _context(self, block: dict[str, Any], at: str) -> None:
        elements = self.items(block.get("elements"), f"{at}/elements", CONTEXT_ELEMENTS)
        for index, element in enumerate(elements):
            if _type_of(element) != "image":
                self.text(element, f"{at}/elements/{index}", SECTION_TEXT)

    def _divider(self, block: dict[str, Any], at: str) -> None:
        """A divider has nothing that could be wrong."""

    def _image(self, block: dict[str, Any], at: str) -> None:
        self.string(block, "image_url", at, BUTTON_URL, needed=True)
        self.string(block, "alt_text", at, FIELD_TEXT, needed=True)

    def _actions(self, block: dict[str, Any], at: str) -> None:
        elements = self.items(block.get("elements"), f"{at}/elements", ACTIONS_ELEMENTS)
        places = [f"{at}/elements/{index}" for index in range(len(elements))]
        self.elements(elements, places, "actions")

    def _input(self, block: dict[str, Any], at: str) -> None:
        self.text(block.get("label"), f"{at}/label", INPUT_LABEL, plain=True)
        if "hint" in block:
            self.text(block["hint"], f"{at}/hint", INPUT_LABEL, plain=True)
        self.elements([block.get("element")], [f"{at}/element"], "input")

    def elements(self, elements: list[Any], places: list[str], block_kind: str) -> None:
        seen: set[str] = set()
        for element, at in zip(elements, places, strict=True):
            kind = _type_of(element)
            if kind not in ELEMENTS_IN[block_kind]:
                self.add_problem(f"unsupported type: {kind}", f"{at}/type")
                continue
            self.keys(element, at, ELEMENT_KEYS[kind])
            self.string(element, "action_id", at, ID)
            self.once(element, "action_id", at, seen)
            self._element(kind, element, at)

    def _element(self, kind: str, element: dict[str, Any], at: str) -> None:
        if kind == "button":
            self.text(element.get("text"), f"{at}/text", BUTTON_TEXT, plain=True)
            self.string(element, "value", at, BUTTON_VALUE)
            self.string(element, "url", at, BUTTON_URL)
            if element.get("style", "primary") not in STYLES:
                self.add_problem(f"must be one of: {', '.join(STYLES)}", f"{at}/style")
        if "placeholder" in element:
            self.text(element["placeholder"], f"{at}/placeholder", PLACEHOLDER, plain=True)
        if "options" in element:
            options = self.items(element["options"], f"{at}/options", OPTIONS)
            for index, option in enumerate(options):
                self._option(option, f"{at}/options/{index}")
        if "confirm" in element:
            self._confirm(element["confirm"], f"{at}/confirm")

    def _option(self, option: object, at: str) -> None:
        parts = option if isinstance(option, dict) else {}
        self.text(parts.get("text"), f"{at}/text", OPTION_TEXT)
        self.string(parts, "value", at, OPTION_VALUE, needed=True)

    def _confirm(self, confirm: object, at: str) -> None:
        parts = confirm if isinstance(confirm, dict) else {}
        self.text(parts.get("title"), f"{at}/title", CONFIRM_TITLE, plain=True)
        self.text(parts.get("text"), f"{at}/text", CONFIRM_TEXT)
        for label in ("confirm", "deny"):
            self.text(parts.get(label), f"{at}/{label}", CONFIRM_LABEL, plain=True)

    def text(self, value: object, pointer: str, longest: int, *, plain: bool = False) -> None:
        if not isinstance(value, dict) or not isinstance(value.get("text"), str):
            self.add_problem("must provide a text object", pointer)
            return
        if value.get("type") not in ({"plain_text"} if plain else {"plain_text", "mrkdwn"}):
            self.add_problem(f"unsupported type: {value.get('type')}", f"{pointer}/type")
        if not value["text"]:
            self.add_problem("must be more than 0 characters", f"{pointer}/text")
        self._length(value["text"], f"{pointer}/text", longest)

    def string(
        self, owner: dict[str, Any], key: str, at: str, longest: int, *, needed: bool = False
    ) -> None:
        value = owner.get(key)
        if value is None and not needed:
            return
        if not isinstance(value, str):
            self.add_problem("must be a string", f"{at}/{key}")
            return
        self._length(value, f"{at}/{key}", longest)

    def once(self, owner: dict[str, Any], key: str, at: str, seen: set[str]) -> None:
        name = owner.get(key)
        if not name or not isinstance(name, str):
            return
        if name in seen:
            kind = "block" if key == "block_id" else "action"
            self.add_problem(f"{key} already exists for another {kind}", f"{at}/{key}")
        seen.add(name)

    def items(self, value: object, pointer: str, most: int) -> list[Any]:
        if not isinstance(value, list):
            self.add_problem("must be an array", pointer)
            return []
        if len(value) > most:
            self.add_problem(f"no more than {most} items allowed", pointer)
        if not value:
            self.add_problem("no less than 1 items allowed", pointer)
        return value

    def keys(self, owner: dict[str, Any], at: str, allowed: frozenset[str]) -> None:
        for key in owner:
            if key not in allowed:
                self.add_problem(f"invalid additional property: {key}", at)

    def _length(self, value: str, pointer: str, longest: int) -> None:
        if len(value) > longest:
            self.add_problem(f"must be less than {longest + 1} characters", pointer)


def _type_of(thing: object) -> str:
    return str(thing.get("type")) if isinstance(thing, dict) else "not an object"
