"""The keys and elements of Block Kit that the sandbox supports.

Source: the Block Kit reference at docs.slack.dev. Other kinds of blocks are refused, because the
page cannot show them. Tested in `tests/contract/wire/test_slack_limits.py`.
"""


def _keys(words: str) -> frozenset[str]:
    return frozenset(["type", *words.split()])


BLOCK_KEYS = {
    "actions": _keys("block_id elements"),
    "context": _keys("block_id elements"),
    "divider": _keys("block_id"),
    "header": _keys("block_id text"),
    "image": _keys("block_id image_url alt_text title"),
    "input": _keys("block_id label element hint optional dispatch_action"),
    "section": _keys("block_id text fields accessory expand"),
}

ELEMENT_KEYS = {
    "button": _keys("action_id text value url style confirm accessibility_label"),
    "checkboxes": _keys("action_id options initial_options confirm focus_on_load"),
    "image": _keys("image_url alt_text"),
    "plain_text_input": _keys(
        "action_id initial_value multiline min_length max_length placeholder focus_on_load "
        "dispatch_action_config"
    ),
    "radio_buttons": _keys("action_id options initial_option confirm focus_on_load"),
    "static_select": _keys("action_id options initial_option placeholder confirm focus_on_load"),
    "users_select": _keys("action_id initial_user placeholder confirm focus_on_load"),
}

ELEMENTS_IN = {
    "actions": frozenset({"button"}),
    "input": frozenset(
        {"checkboxes", "plain_text_input", "radio_buttons", "static_select", "users_select"}
    ),
    "section": frozenset({"button"}),
}

VIEW_KEYS = _keys(
    "title blocks submit close private_metadata callback_id external_id clear_on_close "
    "notify_on_close submit_disabled"
)
