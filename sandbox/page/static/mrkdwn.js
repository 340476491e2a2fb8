// Slack's mrkdwn as nodes: bold, italic, strike, code, mentions, links, dates, emoji, quotes.

import { el } from "./dom.js";
import { emoji } from "./emoji.js";

const FENCE = /```\n?([\s\S]+?)\n?```/;
const TOKEN = new RegExp([
  "`(?<code>[^`\\n]+)`",
  "<(?<angle>[^<>\\n]+)>",
  ":(?<emoji>[a-z0-9_+-]+):",
  "(?<![\\w*])\\*(?<bold>[^\\s*](?:[^*\\n]*[^\\s*])?)\\*(?![\\w*])",
  "(?<![\\w_])_(?<italic>[^\\s_](?:[^\\n]*?[^\\s_])?)_(?![\\w_])",
  "(?<![\\w~])~(?<strike>[^\\s~](?:[^~\\n]*[^\\s~])?)~(?![\\w~])",
  "(?<url>https?:\\/\\/[^\\s<>|]+[^\\s<>|.,;:!?)\\]'\"])",
].join("|"), "g");

/** Return nodes for a text object: `mrkdwn` is formatted, `plain_text` only has its emoji drawn. */
export function textNodes(object, directory) {
  if (object.type === "plain_text") return plain(object.text ?? "");
  return mrkdwn(object.text ?? "", directory);
}

/** Return nodes for mrkdwn; `directory` says who is who and who is looking. */
export function mrkdwn(text, directory) {
  const nodes = [];
  let rest = text;
  for (let found = FENCE.exec(rest); found; found = FENCE.exec(rest)) {
    nodes.push(...lines(rest.slice(0, found.index).replace(/\n$/, ""), directory), el("pre", {}, decoded(found[1])));
    rest = rest.slice(found.index + found[0].length).replace(/^\n/, "");
  }
  return [...nodes, ...lines(rest, directory)];
}

function plain(text) {
  return text.split(/(:[a-z0-9_+-]+:|\n)/).filter(Boolean).map((part) => {
    if (part === "\n") return el("br");
    return (/^:.+:$/.test(part) && emoji(part.slice(1, -1))) || part;
  });
}

function lines(text, directory) {
  if (!text) return [];
  const nodes = [];
  let quote = null;
  text.split("\n").forEach((line, index) => {
    const quoted = /^(?:&gt;|>) ?(.*)$/.exec(line);
    if (quoted) {
      if (quote) quote.append(el("br"));
      else nodes.push((quote = el("blockquote")));
      quote.append(...inline(quoted[1], directory));
      return;
    }
    if (index && !quote) nodes.push(el("br"));
    quote = null;
    nodes.push(...inline(line, directory));
  });
  return nodes;
}

function inline(text, directory) {
  const nodes = [];
  let at = 0;
  for (const found of text.matchAll(TOKEN)) {
    if (found.index > at) nodes.push(decoded(text.slice(at, found.index)));
    nodes.push(...token(found.groups, found[0], directory));
    at = found.index + found[0].length;
  }
  if (at < text.length) nodes.push(decoded(text.slice(at)));
  return nodes;
}

function token(part, whole, directory) {
  if (part.code !== undefined) return [el("code", {}, decoded(part.code))];
  if (part.angle !== undefined) return [angle(part.angle, directory)];
  if (part.emoji !== undefined) return [emoji(part.emoji) ?? whole];
  if (part.bold !== undefined) return [el("strong", {}, ...inline(part.bold, directory))];
  if (part.italic !== undefined) return [el("em", {}, ...inline(part.italic, directory))];
  if (part.strike !== undefined) return [el("s", {}, ...inline(part.strike, directory))];
  return [link(part.url, decoded(part.url))];
}

function angle(inside, directory) {
  const [target, label] = inside.split(/\|(.*)/s);
  if (target.startsWith("@")) return person(target.slice(1), label, directory);
  if (target.startsWith("!subteam^")) return group(target.slice(9), label, directory);
  if (target.startsWith("!date^")) return date(target.slice(6), label ?? "");
  if (/^!(here|channel|everyone)$/.test(target)) return el("span", { class: "mention me" }, `@${target.slice(1)}`);
  if (target.startsWith("#")) return el("span", { class: "mention" }, `#${label || directory.channel.name}`);
  if (/^(https?|mailto):/.test(target)) return link(target, decoded(label || target));
  return decoded(`<${inside}>`);
}

function person(id, label, directory) {
  const known = [...directory.people, directory.bot].find((one) => one.id === id);
  return el("span", { class: id === directory.me ? "mention me" : "mention" }, `@${known?.name ?? label ?? id}`);
}

function group(id, label, directory) {
  const known = directory.groups.find((one) => one.id === id);
  const mine = known?.members.includes(directory.me);
  return el("span", { class: mine ? "mention me" : "mention" }, `@${known?.handle ?? label ?? id}`);
}

function link(target, label) {
  const address = decoded(target);
  const local = address.startsWith(`${location.origin}/`);
  return el("a", { href: address, target: local ? null : "_blank", rel: "noopener noreferrer" }, label);
}

function date(spec, fallback) {
  const [seconds, format, target] = spec.split("^");
  const when = new Date(Number(seconds) * 1000);
  if (Number.isNaN(when.getTime()) || !format) return decoded(fallback);
  const shown = format.replace(/\{(\w+)\}/g, (whole, name) => written(when, name) ?? whole);
  const node = el("time", { datetime: when.toISOString(), title: when.toLocaleString("en") }, decoded(shown));
  return target && /^https?:/.test(target) ? link(target, node) : node;
}

function written(when, name) {
  const time = { hour: "2-digit", minute: "2-digit", hour12: false };
  if (name === "time") return when.toLocaleTimeString("en", time);
  if (name === "time_secs") return when.toLocaleTimeString("en", { ...time, second: "2-digit" });
  if (name === "ago") return ago(when);
  if (name === "date_num") return when.toISOString().slice(0, 10);
  if (name.endsWith("_pretty") && when.toDateString() === new Date().toDateString()) return "today";
  if (name.startsWith("date_short")) return when.toLocaleDateString("en", { month: "short", day: "numeric", year: "numeric" });
  if (name.startsWith("date_long")) return when.toLocaleDateString("en", { weekday: "long", month: "long", day: "numeric", year: "numeric" });
  if (name.startsWith("date")) return when.toLocaleDateString("en", { month: "long", day: "numeric", year: "numeric" });
  return null;
}

function ago(when) {
  const minutes = Math.round((when - Date.now()) / 60000);
  const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  return Math.abs(minutes) < 90 ? words.format(minutes, "minute") : words.format(Math.round(minutes / 60), "hour");
}

function decoded(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
