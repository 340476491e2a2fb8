"""The channel page in a real browser."""

import json
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

CHANNEL = "C0DEPLOYS"


def plain(text):
    return {"type": "plain_text", "text": text}


def button(action_id, **more):
    return {"type": "button", "action_id": action_id, "text": plain(action_id.title()), **more}


def board(state="waiting for an answer", **more):
    words = {"type": "mrkdwn", "text": f":red_circle: *red* {state}"}
    asked = {"type": "actions", "elements": [button("approve", style="primary", **more)]}
    header = {"type": "header", "text": plain("api v1.42.0")}
    return [header, {"type": "section", "text": words}, asked]


def post(slack, text="a board", **more):
    return slack.client.chat_postMessage(channel=CHANNEL, text=text, **more)["ts"]


def payload(slack, index=-1):
    return json.loads(parse_qs(slack.app.heard[index][2].decode())["payload"][0])


def modal():
    asked = {"type": "plain_text_input", "action_id": "text", "multiline": True}
    reason = {"type": "input", "block_id": "reason", "label": plain("Why?"), "element": asked}
    view = {"type": "modal", "title": plain("Reject red"), "submit": plain("Reject")}
    return {**view, "private_metadata": "approval-1", "blocks": [reason]}


def test_a_board_appears_and_is_edited_live(page, slack):
    ts = post(slack, blocks=board())
    expect(page.get_by_role("heading", name="api v1.42.0")).to_be_visible()

    slack.client.chat_update(channel=CHANNEL, ts=ts, text="x", blocks=board("is healthy")[:2])

    message = page.locator(f"[data-ts='{ts}']")
    expect(message).to_contain_text("red is healthy")
    expect(message).to_contain_text("(edited)")
    expect(message.get_by_role("button", name="Approve")).to_have_count(0)
    expect(message.get_by_role("img", name="red circle")).to_be_visible()


def test_a_click_arrives_signed_at_the_app_and_the_button_is_busy_meanwhile(page, slack):
    ts = post(slack, blocks=board(value="approval-1"))
    slack.app.gate.clear()

    page.get_by_role("button", name="Approve").click()
    expect(page.locator("[data-action=approve][aria-busy=true]")).to_be_disabled()
    slack.app.gate.set()

    expect(page.locator("[data-action=approve]")).to_be_enabled()
    sent = payload(slack)
    assert (sent["user"]["id"], sent["message"]["ts"]) == ("U0ALICE", ts)
    assert sent["actions"][0]["value"] == "approval-1"
    assert slack.app.heard[-1][1]["x-slack-signature"].startswith("v0=")


def test_a_click_that_is_not_answered_in_time_is_told_of(page, slack):
    post(slack, blocks=board())
    slack.app.gate.clear()
    slack.people.timeout = 0.2

    page.get_by_role("button", name="Approve").click()

    expect(page.locator(".toast")).to_contain_text("operation_timeout")
    expect(page.locator(".only-you")).to_contain_text("operation_timeout")


def test_a_button_that_asks_first_can_be_cancelled(page, slack):
    asks = {"title": plain("Sure?"), "text": plain("Red goes back.")}
    asks |= {"confirm": plain("Go back"), "deny": plain("Stay")}
    post(slack, blocks=board(confirm=asks))

    page.get_by_role("button", name="Approve").click()
    page.get_by_role("button", name="Stay").click()
    assert slack.app.heard == []
    page.get_by_role("button", name="Approve").click()
    page.get_by_role("button", name="Go back").click()

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("[data-action=approve]")).to_be_enabled()
    assert len(slack.app.heard) == 1


def test_a_slash_command_is_sent_its_answer_is_private_and_the_line_comes_back(page, slack):
    slack.app.answer = {"text": "Usage: `/rollout <application> <tag>`"}
    line = page.get_by_label("Message or slash command")

    line.fill("/roll")
    expect(page.locator("#hints")).to_contain_text("api v1.42.0 [reason]")
    line.press("Tab")
    line.press_sequentially("help")
    line.press("Enter")

    expect(page.locator(".only-you")).to_contain_text("Only visible to you")
    expect(page.locator(".only-you code")).to_have_text("/rollout <application> <tag>")
    expect(line).to_have_value("")
    line.press("ArrowUp")
    expect(line).to_have_value("/rollout help")


def test_a_private_line_shows_only_to_its_person(page, slack):
    slack.client.chat_postEphemeral(channel=CHANNEL, user="U0BOB", text="for bob alone")
    post(slack, "for everybody")
    expect(page.get_by_text("for everybody")).to_be_visible()
    expect(page.get_by_text("for bob alone")).to_have_count(0)

    page.get_by_label("Who you are").select_option(label="bob")

    expect(page.get_by_text("for bob alone")).to_be_visible()


def test_another_person_can_be_chosen_and_then_acts(page, slack):
    post(slack, blocks=board())

    page.get_by_role("button", name="carol").click()
    expect(page.get_by_label("Who you are")).to_have_value("U0CAROL")
    page.get_by_role("button", name="Approve").click()

    expect(page.locator("[data-action=approve]")).to_be_enabled()
    assert payload(slack)["user"]["id"] == "U0CAROL"


def test_a_dialog_is_filled_in_and_submitted(page, slack):
    trigger = slack.workspace.tickets.new_trigger("U0ALICE")
    slack.client.views_open(trigger_id=trigger, view=modal())
    dialog = page.get_by_role("dialog", name="Reject red")

    dialog.get_by_role("button", name="Reject").click()
    expect(dialog).to_contain_text("Please complete this required field.")
    slack.app.answer = {"response_action": "errors", "errors": {"reason": "Say more."}}
    dialog.get_by_label("Why?").fill("no")
    dialog.get_by_role("button", name="Reject").click()
    expect(dialog).to_contain_text("Say more.")
    slack.app.answer = None
    dialog.get_by_label("Why?").fill("errors doubled on red")
    dialog.get_by_role("button", name="Reject").click()

    expect(dialog).to_have_count(0)
    values = payload(slack)["view"]["state"]["values"]
    assert values["reason"]["text"]["value"] == "errors doubled on red"


def test_what_is_being_typed_survives_changes_in_the_channel(page, slack):
    trigger = slack.workspace.tickets.new_trigger("U0ALICE")
    slack.client.views_open(trigger_id=trigger, view=modal())
    why = page.get_by_label("Why?")
    why.fill("half a sent")

    post(slack, "meanwhile")
    expect(page.get_by_text("meanwhile")).to_be_attached()

    expect(why).to_have_value("half a sent")
    expect(why).to_be_focused()


def test_a_dialog_is_closed_by_escape(page, slack):
    trigger = slack.workspace.tickets.new_trigger("U0ALICE")
    slack.client.views_open(trigger_id=trigger, view=modal())
    expect(page.get_by_role("dialog")).to_be_visible()

    with page.expect_response(lambda answer: "dismiss" in answer.url):
        page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_have_count(0)
    with slack.workspace.read_lock():
        assert slack.workspace.modals.open == {}


def test_a_thread_is_counted_opens_beside_and_closes(page, slack):
    ts = post(slack, "a board")
    post(slack, "red is healthy", thread_ts=ts)
    post(slack, "bob approved yellow", thread_ts=ts)

    page.get_by_role("button", name="2 replies").click()
    thread = page.get_by_label("Thread", exact=True)
    expect(thread).to_contain_text("bob approved yellow")
    post(slack, "yellow is healthy", thread_ts=ts)
    expect(thread).to_contain_text("yellow is healthy")
    page.keyboard.press("Escape")

    expect(thread).to_be_hidden()
    expect(page.locator("#log")).not_to_contain_text("bob approved yellow")


def test_a_permalink_opens_the_thread_at_its_message(page, slack):
    ts = post(slack, "a board")
    reply = post(slack, "red is healthy", thread_ts=ts)
    link = slack.client.chat_getPermalink(channel=CHANNEL, message_ts=reply)["permalink"]

    page.goto(link)

    expect(page.locator("#thread .lit")).to_contain_text("red is healthy")


def test_markup_in_words_stays_words(page, slack):
    evil = "<script>document.title='owned'</script><img src=x onerror=alert(1)> &lt;b&gt;"
    post(slack, evil, blocks=[{"type": "section", "text": {"type": "mrkdwn", "text": evil}}])
    post(slack, "<javascript:alert(1)|press me> and <https://example.org/?a=1&amp;b=2|a link>")

    expect(page.locator("#log")).to_contain_text("<script>document.title='owned'</script>")
    expect(page.locator("#log")).to_contain_text("<b>")
    expect(page.get_by_role("link", name="a link")).to_have_attribute(
        "href", "https://example.org/?a=1&b=2"
    )
    assert page.locator("#log a[href^='javascript']").count() == 0
    assert page.locator("#log script, #log img").count() == 0
    assert page.title() == "# deploys · Shingo sandbox"


def test_mentions_are_names_and_ones_own_stands_out(page, slack):
    post(slack, "<@U0ALICE> and <@U0BOB>, also <!subteam^S0WEB> and <!here>")

    mine = page.locator(".message.for-me .mention.me")
    expect(mine).to_have_text(["@alice", "@web", "@here"])
    expect(page.locator(".mention").nth(1)).to_have_text("@bob")


def test_mrkdwn_is_formatted(page, slack):
    post(slack, "*bold* _italic_ ~gone~ `code *x*` a_b_c 2*3*4\n&gt; quoted\n```let x = *1*;```")

    message = page.locator(".message .text")
    expect(message.locator("strong")).to_have_text(["bold"])
    expect(message.locator("em")).to_have_text(["italic"])
    expect(message.locator("s")).to_have_text(["gone"])
    expect(message.locator("code")).to_have_text(["code *x*"])
    expect(message.locator("blockquote")).to_have_text(["quoted"])
    expect(message.locator("pre")).to_have_text(["let x = *1*;"])


def test_a_phone_shows_everything_without_scrolling_sideways(page, slack):
    ts = post(slack, blocks=board())
    post(slack, f"a long word: {'x' * 200}", thread_ts=ts)
    post(slack, f"`{'y' * 200}`")

    page.set_viewport_size({"width": 375, "height": 700})
    expect(page.get_by_role("button", name="Approve")).to_be_visible()
    page.get_by_role("button", name="1 reply").click()

    expect(page.get_by_label("Thread", exact=True)).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") == 375


def test_a_board_can_be_answered_by_keyboard_alone(page, slack):
    post(slack, blocks=board())
    approve = page.get_by_role("button", name="Approve")
    expect(approve).to_be_visible()

    page.locator("#log").focus()
    while not approve.evaluate("node => node === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator("[data-action=approve]")).to_be_enabled()
    expect(page.locator("[data-action=approve]")).to_be_focused()
    assert len(slack.app.heard) == 1


def test_a_threads_message_that_the_channel_shows_too_has_no_buttons_there(page, slack):
    parent = post(slack, "the board", blocks=board()[:2])
    ts = post(slack, "ended", blocks=board("ended"), thread_ts=parent, reply_broadcast=True)

    shown = page.locator(f"#log [data-ts='{ts}']")
    expect(shown).to_contain_text("red ended")
    expect(shown.get_by_role("button", name="Approve")).to_have_count(0)

    shown.get_by_role("button", name="replied to a thread").click()
    expect(page.locator(f"#thread-log [data-ts='{ts}']")).to_contain_text("red ended")


def test_a_direct_message_is_seen_by_its_reader_alone(page, slack):
    ts = slack.client.chat_postMessage(channel="U0BOB", text="api has ended")["ts"]

    page.select_option("#who", label="bob")
    expect(page.locator(f"[data-ts='{ts}']")).to_contain_text("Direct message")
    page.select_option("#who", label="alice")
    expect(page.locator(f"[data-ts='{ts}']")).to_have_count(0)
