// The list of messages and the thread beside it. Only what changed is drawn anew.

import { blockNodes, busyIn } from "./blocks.js";
import { el, portrait } from "./dom.js";
import { mark } from "./emoji.js";
import { mrkdwn } from "./mrkdwn.js";

const hidden = new Set();

/** A column of messages that keeps its place, its focus and its unchanged nodes. */
export class Column {
  constructor(root) {
    this.root = root;
    this.drawn = new Map();
  }

  /** Show these messages; `extras` gives what stands below each, `redraw` draws all again. */
  show(messages, directory, extras, redraw) {
    const atEnd = this.root.scrollHeight - this.root.scrollTop - this.root.clientHeight < 80;
    const focused = document.activeElement?.dataset?.key;
    const kept = new Map();
    let day = "";
    const nodes = [];
    for (const message of messages.filter((one) => !hidden.has(one.ts))) {
      const date = new Date(Number(message.ts) * 1000).toDateString();
      if (date !== day) nodes.push(this.day(date, message.ts));
      day = date;
      nodes.push(this.node(message, directory, extras(message), redraw, kept));
    }
    this.drawn = kept;
    place(this.root, nodes);
    if (focused) this.root.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    if (atEnd) this.root.scrollTop = this.root.scrollHeight;
  }

  /** Bring a message into view and light it up for a moment. */
  reveal(ts) {
    const node = this.root.querySelector(`[data-ts="${CSS.escape(ts)}"]`);
    node?.scrollIntoView({ block: "center" });
    node?.classList.add("lit");
  }

  day(date, ts) {
    const today = date === new Date().toDateString();
    const label = today ? "Today" : new Date(Number(ts) * 1000).toLocaleDateString("en", { weekday: "long", month: "long", day: "numeric" });
    const known = this.root.querySelector(`[data-day="${CSS.escape(date)}"]`);
    return known ?? el("div", { class: "day", "data-day": date }, el("span", {}, label));
  }

  node(message, directory, extra, redraw, kept) {
    const body = JSON.stringify([message.blocks, message.text]);
    const content = JSON.stringify([message, directory.me, extra?.key, busyIn(message)]);
    const before = this.drawn.get(message.ts);
    const node = before?.content === content ? before.node : row(message, directory, extra, redraw);
    if (before && before.body !== body) node.classList.add("changed");
    kept.set(message.ts, { content, body, node });
    return node;
  }
}

function place(root, nodes) {
  nodes.forEach((node, index) => {
    if (root.children[index] !== node) root.insertBefore(node, root.children[index] ?? null);
  });
  while (root.children.length > nodes.length) root.lastElementChild.remove();
}

function row(message, directory, extra, redraw) {
  const app = message.author.app;
  const picture = message.author.id === directory.bot.id ? mark() : portrait(message.author.id, message.author.name);
  const body = message.blocks.length ? blockNodes(message, directory, redraw) : [el("div", { class: "block text" }, ...mrkdwn(message.text, directory))];
  const node = el("article", { class: "message", "data-ts": message.ts, "aria-label": `${message.author.name}, ${time(message.ts)}` },
    el("div", { class: "picture" }, picture),
    el("div", { class: "content" },
      message.private ? el("p", { class: "private" }, eye(), "Only visible to you") : null,
      message.direct ? el("p", { class: "private" }, eye(), "Direct message") : null,
      extra?.above ?? null,
      el("p", { class: "byline" }, el("strong", {}, message.author.name), app ? el("span", { class: "app" }, "APP") : null,
        el("a", { class: "at", href: permalink(message, directory), title: new Date(Number(message.ts) * 1000).toLocaleString("en") }, time(message.ts))),
      ...body,
      message.edited ? el("span", { class: "edited", title: `Edited ${time(message.edited)}` }, "(edited)") : null,
      message.private ? el("button", { type: "button", class: "quiet small", onclick: () => { hidden.add(message.ts); redraw(); } }, "Dismiss") : null,
      extra?.node ?? null));
  if (message.private) node.classList.add("only-you");
  else if (node.querySelector(".mention.me")) node.classList.add("for-me");
  return node;
}

/** Return what the channel shows of a thread's message: Slack says that it "cannot contain message buttons". */
export function reference(message) {
  return { ...message, blocks: message.blocks.filter((block) => block.type !== "actions") };
}

/** Return what leads from such a message to its thread. */
export function parentLink(open) {
  return { key: "parent", above: el("p", { class: "private" }, el("button", { type: "button", class: "quiet small", onclick: open }, "replied to a thread")) };
}

/** Return what leads from a message to its thread, or null when there is none. */
export function threadLink(replies, open) {
  if (!replies.length) return null;
  const faces = [...new Map(replies.map((one) => [one.author.id, one.author])).values()].slice(0, 3);
  const count = `${replies.length} ${replies.length === 1 ? "reply" : "replies"}`;
  return {
    key: `${replies.length}|${replies.at(-1).ts}`,
    node: el("button", { type: "button", class: "replies", onclick: open },
      ...faces.map((face) => (face.app ? mark() : portrait(face.id, face.name, "tiny"))),
      el("strong", {}, count), el("span", {}, `Last at ${time(replies.at(-1).ts)}`)),
  };
}

function permalink(message, directory) {
  const end = message.thread ? `?thread_ts=${message.thread}&cid=${directory.channel.id}` : "";
  return `/archives/${directory.channel.id}/p${message.ts.replace(".", "")}${end}`;
}

function eye() {
  return el("span", { class: "eye", "aria-hidden": "true" });
}

function time(ts) {
  return new Date(Number(ts) * 1000).toLocaleTimeString("en", { hour: "2-digit", minute: "2-digit", hour12: false });
}
