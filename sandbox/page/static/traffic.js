// One color's traffic as a small picture: requests as a filled outline, the share of errors as a
// line over it, and beside them what the last minutes say in numbers.

import { el, svg } from "./dom.js";

const MINUTES = 30;
const RECENT = 5;
const HEIGHT = 26;
// Each color's requests have their own height, as green may serve many times what red does.
const REQUESTS_FILL = 0.8;
// The line's full height is at least this share, so that a few errors stay a low line.
const SHARE_AT_LEAST = 0.04;
// From here on the number stands out, as the line alone is too thin to be seen at a glance; one
// error among few requests does not.
const MANY_SHARE = 0.01;
const MANY_ERRORS = 5;
const SPACE = "\u00a0";

/** Return the share of errors at full height: one for an application's colors, to compare them. */
export function highestShare(services) {
  return Math.max(SHARE_AT_LEAST, ...services.flatMap(shares));
}

/** A color's chart and numbers, which stay in their place while the minutes pass. */
export class Traffic {
  constructor() {
    this.requests = svg("path", { class: "requests" });
    this.failed = svg("path", { class: "failed" });
    this.errors = svg("path", { class: "errors" });
    this.share = el("span", { class: "share" });
    this.latency = el("span", { class: "latency" });
    this.root = el("div", { class: "traffic", role: "img" },
      svg("svg", { viewBox: `0 0 ${MINUTES} ${HEIGHT}`, preserveAspectRatio: "none" }, this.requests, this.failed, this.errors),
      el("div", { class: "numbers" }, this.share, this.latency));
  }

  /** Draw a color's minutes; nothing is shown for one whose traffic nobody measures. */
  show(one, highest) {
    this.root.hidden = !one.requests?.length;
    if (this.root.hidden) return this.root.removeAttribute("aria-label");
    // A minute without a request is measured, too: it is drawn, as low as can be seen.
    const most = Math.max(1, ...one.requests) / REQUESTS_FILL;
    const requests = latest(one.requests).map((count) => top(count, most, 1.5));
    const errors = latest(shares(one)).map((share) => top(share, highest, share ? 2 : 0.6));
    const failing = shares(one).some((share) => share > 0);
    this.requests.setAttribute("d", steps(requests, true));
    this.failed.setAttribute("d", failing ? steps(errors, true) : "");
    this.errors.setAttribute("d", failing ? steps(errors, false) : "");
    const now = recent(one);
    this.share.textContent = percent(now.share);
    this.latency.textContent = duration(now.latency);
    this.root.dataset.errors = amount(now);
    this.root.setAttribute("aria-label", words(one.color, now));
  }
}

/** Return what the last minutes say; null is what was not measured, and `latency` a p99 in ms. */
function recent(one) {
  const lately = (values) => (values ?? []).slice(-RECENT);
  const requests = lately(one.requests).filter(isMeasured);
  const total = sum(requests);
  const errors = sum(lately(one.errors).filter(isMeasured));
  const latencies = lately(one.latency).filter(isMeasured).sort((a, b) => a - b);
  return {
    requests: requests.length ? total / requests.length : null,
    errors,
    share: total ? errors / total : null,
    latency: latencies.length ? latencies[latencies.length >> 1] : null,
  };
}

function shares(one) {
  return (one.requests ?? []).map((count, minute) => (count && isMeasured(one.errors[minute]) ? one.errors[minute] / count : null));
}

/** Return the last minutes; the newest is always at the right edge. */
function latest(values) {
  const last = values.slice(-MINUTES);
  return [...Array(MINUTES - last.length).fill(null), ...last];
}

function top(value, full, least) {
  return isMeasured(value) ? +(HEIGHT - Math.max(least, (value / full) * (HEIGHT - 1))).toFixed(2) : null;
}

/** Return a path with one step a minute, broken where there is no minute. */
function steps(tops, filled) {
  return tops.map((y, minute) => {
    if (y === null) return "";
    const begins = (tops[minute - 1] ?? null) === null;
    const ends = (tops[minute + 1] ?? null) === null;
    return `${begins ? `M${minute} ${filled ? HEIGHT : y}` : ""}V${y}h1${filled && ends ? `V${HEIGHT}z` : ""}`;
  }).join("");
}

function amount(now) {
  if (now.share >= MANY_SHARE && now.errors >= MANY_ERRORS) return "many";
  return now.errors ? "few" : "none";
}

function words(color, now) {
  if (now.requests === null) return `${color}: no traffic measured in the last ${RECENT} minutes`;
  const latency = now.latency === null ? "" : `, p99 latency ${duration(now.latency)}`;
  const errors = now.share === null ? "" : `, ${percent(now.share)} errors`;
  return `${color}: ${Math.round(now.requests)} requests a minute${errors}${latency}, over the last ${RECENT} minutes`;
}

function percent(share) {
  if (share === null) return "–";
  const value = share * 100;
  if (value > 0 && value < 0.1) return `<0.1${SPACE}%`;
  return `${value.toFixed(value === 0 || value >= 9.95 ? 0 : 1)}${SPACE}%`;
}

function duration(ms) {
  if (ms === null) return "–";
  return ms < 999.5 ? `${Math.round(ms)}${SPACE}ms` : `${(ms / 1000).toFixed(ms < 9950 ? 1 : 0)}${SPACE}s`;
}

function isMeasured(value) {
  return value !== null && value !== undefined;
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
