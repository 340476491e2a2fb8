// Block Kit as nodes.

import { el, send, toast } from "./dom.js";
import { confirmed } from "./dialogs.js";
import { textNodes } from "./mrkdwn.js";

// Buttons whose click is on its way, by message, block and action: they stay busy when the message
// is drawn anew meanwhile.
const underway = new Set();

/** Return the buttons of a message whose click is on its way. */
export function busyIn(message) {
  return [...underway].filter((key) => key.startsWith(`${message.ts}|`));
}

/** Return nodes for a message's blocks. */
export function blockNodes(message, directory, redraw) {
  return message.blocks.map((block) => draw(block, message, directory, redraw)).filter(Boolean);
}

/** Return the node for a block that has nothing to press: what dialogs show, too. */
export function still(block, directory) {
  return draw(block, null, directory, null);
}

function draw(block, message, directory, redraw) {
  if (block.type === "header") return el("h3", { class: "block header" }, ...textNodes(block.text, directory));
  if (block.type === "divider") return el("hr", { class: "block" });
  if (block.type === "section") return section(block, message, directory, redraw);
  if (block.type === "context") return context(block, directory);
  if (block.type === "actions") return actions(block, message, directory, redraw);
  if (block.type === "image") return el("p", { class: "block" }, `[image: ${block.alt_text}]`);
  return null;
}

function section(block, message, directory, redraw) {
  const body = el("div", { class: "words" });
  if (block.text) body.append(el("div", {}, ...textNodes(block.text, directory)));
  if (block.fields) {
    body.append(el("div", { class: "fields" }, ...block.fields.map((field) => el("div", {}, ...textNodes(field, directory)))));
  }
  const accessory = block.accessory?.type === "button" ? button(block.accessory, block, message, directory, redraw) : null;
  return el("div", { class: "block section" }, body, accessory);
}

function context(block, directory) {
  const parts = block.elements.map((part) =>
    part.type === "image" ? el("span", {}, `[${part.alt_text}]`) : el("span", {}, ...textNodes(part, directory)));
  return el("div", { class: "block context" }, ...parts);
}

function actions(block, message, directory, redraw) {
  const parts = block.elements.filter((part) => part.type === "button");
  return el("div", { class: "block actions" }, ...parts.map((part) => button(part, block, message, directory, redraw)));
}

function button(element, block, message, directory, redraw) {
  const key = [message?.ts, block.block_id, element.action_id].join("|");
  const busy = underway.has(key);
  const label = el("span", {}, ...textNodes(element.text, directory));
  const node = el("button", {
    type: "button", class: `act ${element.style ?? ""}`, "data-key": key, "data-action": element.action_id,
    "aria-busy": busy ? "true" : null, "aria-disabled": busy ? "true" : null, "aria-label": element.accessibility_label,
  }, label, busy ? el("span", { class: "spinner", "aria-hidden": "true" }) : null);
  node.addEventListener("click", () => press(element, block, message, directory, redraw, key));
  return node;
}

async function press(element, block, message, directory, redraw, key) {
  if (underway.has(key)) return;
  if (element.confirm && !(await confirmed(element.confirm, directory))) return;
  if (element.url) window.open(element.url, "_blank", "noopener");
  underway.add(key);
  redraw();
  const answer = await send("click", { as: directory.me, ts: message.ts, action_id: element.action_id, block_id: block.block_id });
  underway.delete(key);
  redraw();
  if (!answer.ok) toast(answer.error);
}
