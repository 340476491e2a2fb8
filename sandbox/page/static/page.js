// The channel page: listens to the sandbox and shows what one person sees of the channel.

import { Composer } from "./composer.js";
import { showModal } from "./dialogs.js";
import { el, portrait } from "./dom.js";
import { mark } from "./emoji.js";
import { Column, parentLink, reference, threadLink } from "./messages.js";
import { World } from "./world.js";

const SILENCE_MS = 12000;
const byId = (id) => document.getElementById(id);

const log = new Column(byId("log"));
const threadLog = new Column(byId("thread-log"));
const composer = new Composer(switchTo);
const world = new World(byId("world"));

let state = null;
let me = sessionStorage.getItem("me") ?? "";
let thread = null;
let source = null;
let heard = Date.now();
let asked = fromAddress();

function listen() {
  source?.close();
  source = new EventSource(`/page/events?as=${encodeURIComponent(me)}`);
  source.addEventListener("state", (event) => { alive(); receive(JSON.parse(event.data)); });
  source.addEventListener("world", (event) => { alive(); world.show(JSON.parse(event.data)); });
  source.addEventListener("heartbeat", alive);
  source.addEventListener("error", lost);
}

function alive() {
  heard = Date.now();
  connection("live", "live");
  byId("banner").hidden = true;
}

function lost() {
  connection("lost", "reconnecting");
  byId("banner").textContent = "The sandbox does not answer. This page shows the last it heard, and tries again every second.";
  byId("banner").hidden = false;
  if (source.readyState === EventSource.CLOSED) setTimeout(listen, 1000);
}

function connection(name, text) {
  byId("connection").dataset.state = name;
  byId("connection").textContent = text;
}

function receive(next) {
  state = next;
  me = next.me;
  draw();
  if (asked) {
    if (asked.thread) openThread(asked.thread);
    (asked.thread ? threadLog : log).reveal(asked.ts);
    asked = null;
  }
}

function draw() {
  if (!state) return;
  byId("channel-name").textContent = byId("side-channel").textContent = state.channel.name;
  byId("topic").textContent = state.channel.topic;
  const ill = { down: "Slack is down", limiting: "Slack is rate limiting", slow: "Slack is slow" }[state.availability];
  const trouble = ill ?? (state.ready ? "" : "the app is being deployed");
  byId("availability").hidden = !trouble;
  byId("availability").textContent = trouble;
  people();
  composer.show(state);
  const replies = (ts) => state.messages.filter((one) => one.thread === ts);
  const top = state.messages.filter((one) => !one.thread || one.inChannelToo).map((one) => (one.thread ? reference(one) : one));
  const below = (one) => threadLink(replies(one.ts).filter((reply) => !reply.private), () => openThread(one.ts));
  log.show(top, state, (one) => (one.thread ? parentLink(() => openThread(one.thread)) : below(one)), draw);
  if (!top.length) byId("log").replaceChildren(welcome());
  drawThread(replies);
  showModal(state.modals, state);
}

function drawThread(replies) {
  const parent = thread && state.messages.find((one) => one.ts === thread);
  byId("thread").hidden = !parent;
  document.body.classList.toggle("with-thread", Boolean(parent));
  if (parent) threadLog.show([parent, ...replies(thread)], state, () => null, draw);
}

function openThread(ts) {
  thread = ts;
  draw();
  byId("thread-log").scrollTop = byId("thread-log").scrollHeight;
  byId("close-thread").focus({ preventScroll: true });
}

function closeThread() {
  thread = null;
  draw();
}

function welcome() {
  const first = state.commands[0];
  return el("div", { class: "welcome" }, mark(), el("h2", {}, `This is #${state.channel.name}`),
    el("p", {}, "Releases are asked for, approved and watched here. Nothing has happened yet."),
    first ? el("p", {}, "Start with ", el("button", { type: "button", class: "try", onclick: () => composer.complete(example(first)) }, example(first))) : null);
}

function example(command) {
  return `${command.command} ${command.hint.replace(/\[.*\]/, "").trim()}`;
}

function people() {
  byId("people").replaceChildren(...state.people.map((one) => {
    const current = one.id === state.me;
    return el("li", {}, el("button", { type: "button", class: current ? "place current" : "place", "aria-pressed": String(current), onclick: () => switchTo(one.id), "data-key": `person|${one.id}` },
      portrait(one.id, one.real, "tiny"), el("span", {}, one.name), current ? el("small", {}, "you") : null));
  }));
}

function switchTo(id) {
  me = id;
  sessionStorage.setItem("me", id);
  listen();
}

function fromAddress() {
  const found = /^\/archives\/\w+\/p(\d+)(\d{6})$/.exec(location.pathname);
  return found && { ts: `${found[1]}.${found[2]}`, thread: new URLSearchParams(location.search).get("thread_ts") };
}

byId("mark").append(mark());
byId("close-thread").addEventListener("click", closeThread);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && thread && !document.querySelector("dialog[open]")) closeThread();
});
setInterval(() => {
  if (Date.now() - heard < SILENCE_MS) return;
  heard = Date.now();
  lost();
  listen();
}, 1000);
listen();
