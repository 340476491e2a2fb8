// The few emoji that the app uses, drawn, because a machine may have no emoji font.

import { svg } from "./dom.js";

const RED = "#e5484d", YELLOW = "#f2b90c", GREEN = "#30a46c", BLUE = "#3e8ede", ORANGE = "#f0812b", GREY = "#8b909c", WHITE = "#e9ebef";

const disc = (color) => () => [svg("circle", { cx: 10, cy: 10, r: 8, fill: color, stroke: "#0003", "stroke-width": 1 })];
const tile = (color, path, ink = "#fff") => () => [
  svg("rect", { x: 1, y: 1, width: 18, height: 18, rx: 4, fill: color }),
  svg("path", { d: path, fill: "none", stroke: ink, "stroke-width": 2.4, "stroke-linecap": "round", "stroke-linejoin": "round" }),
];
const line = (color, path, width = 2.2) => () => [
  svg("path", { d: path, fill: "none", stroke: color, "stroke-width": width, "stroke-linecap": "round", "stroke-linejoin": "round" }),
];
const solid = (color, path) => () => [svg("path", { d: path, fill: color })];

const CROSS = "M5 5 15 15M15 5 5 15";
const CHECK = "M5 10.5 8.7 14 15 6.5";

function warning() {
  return [
    svg("path", { d: "M10 2 19 18H1Z", fill: YELLOW, stroke: YELLOW, "stroke-width": 1.5, "stroke-linejoin": "round" }),
    svg("path", { d: "M10 7.5v5M10 15.4v.1", stroke: "#3b2f00", "stroke-width": 2, "stroke-linecap": "round" }),
  ];
}

function hourglass() {
  return [
    svg("path", { d: "M5 2h10M5 18h10", stroke: ORANGE, "stroke-width": 2, "stroke-linecap": "round" }),
    svg("path", { d: "M6 3v3l4 4-4 4v3h8v-3l-4-4 4-4V3Z", fill: "#f2b90c55", stroke: ORANGE, "stroke-width": 1.4, "stroke-linejoin": "round" }),
    svg("path", { d: "M7.5 16.5 10 13l2.5 3.5Z", fill: YELLOW }),
  ];
}

function light() {
  return [
    svg("rect", { x: 5, y: 1, width: 10, height: 18, rx: 5, fill: "#2b2f3a", stroke: "#ffffff40", "stroke-width": 0.8 }),
    ...[[4.8, RED], [10, YELLOW], [15.2, GREEN]].map(([cy, fill]) => svg("circle", { cx: 10, cy, r: 2.1, fill })),
  ];
}

function clock() {
  return [
    svg("circle", { cx: 10, cy: 10, r: 8, fill: "#fff", stroke: GREY, "stroke-width": 2 }),
    svg("path", { d: "M10 5.5V10l3 2", fill: "none", stroke: "#30343e", "stroke-width": 1.8, "stroke-linecap": "round" }),
  ];
}

function magnifier() {
  return [
    svg("circle", { cx: 8.5, cy: 8.5, r: 5.5, fill: "#3e8ede33", stroke: BLUE, "stroke-width": 2 }),
    svg("path", { d: "m13 13 5 5", stroke: GREY, "stroke-width": 2.6, "stroke-linecap": "round" }),
  ];
}

function octagon() {
  return [
    svg("path", { d: "M6.5 1.5h7l5 5v7l-5 5h-7l-5-5v-7Z", fill: RED }),
    svg("path", { d: "M5.5 10h9", stroke: "#fff", "stroke-width": 2.6, "stroke-linecap": "round" }),
  ];
}

const DRAWN = {
  red_circle: disc(RED), large_red_circle: disc(RED), large_yellow_circle: disc(YELLOW), yellow_circle: disc(YELLOW),
  large_green_circle: disc(GREEN), green_circle: disc(GREEN), white_circle: disc(WHITE), black_circle: disc("#30343e"),
  large_blue_circle: disc(BLUE), blue_circle: disc(BLUE), large_orange_circle: disc(ORANGE),
  white_check_mark: tile(GREEN, CHECK), heavy_check_mark: line(GREEN, CHECK, 3), ballot_box_with_check: tile(BLUE, CHECK),
  x: line(RED, CROSS, 3.4), heavy_multiplication_x: line(GREY, CROSS, 3), negative_squared_cross_mark: tile(RED, CROSS),
  no_entry: octagon, no_entry_sign: octagon, octagonal_sign: octagon, stop_sign: octagon, black_square_for_stop: tile(GREY, "M7 7h6v6H7Z"),
  warning, rotating_light: warning, hourglass, hourglass_flowing_sand: hourglass, traffic_light: light, vertical_traffic_light: light,
  clock1: clock, alarm_clock: clock, stopwatch: clock, timer_clock: clock, mag: magnifier, mag_right: magnifier, eyes: magnifier,
  arrows_counterclockwise: tile(BLUE, "M14.5 8A5 5 0 0 0 6 6.5M5.5 12A5 5 0 0 0 14 13.5M6 3.8v2.9h2.9M14 16.2v-2.9h-2.9"),
  leftwards_arrow_with_hook: tile(BLUE, "M5 8h7a3 3 0 0 1 0 6H9M8 5 5 8l3 3"), rewind: tile(BLUE, "M10 6 6 10l4 4M15 6l-4 4 4 4"),
  arrow_right: tile(BLUE, "M5 10h10M11 6l4 4-4 4"), arrow_left: tile(BLUE, "M15 10H5M9 6l-4 4 4 4"), fast_forward: tile(BLUE, "M5 6l4 4-4 4M10 6l4 4-4 4"),
  double_vertical_bar: tile(BLUE, "M7.5 6v8M12.5 6v8"), white_large_square: tile(WHITE, ""), question: line(RED, "M7 7a3 3 0 1 1 3 3.4V12M10 16v.1", 2.6),
  information_source: tile(BLUE, "M10 9v5M10 5.8v.1"), bell: solid(YELLOW, "M10 2a5 5 0 0 0-5 5v4l-2 3h14l-2-3V7a5 5 0 0 0-5-5Zm-2 13.5a2 2 0 0 0 4 0Z"),
  rocket: solid(BLUE, "M16.8 3.2c-5-.6-8.4 2-10 5.3l-3 .6-1.3 2.4 3 .3 2.7 2.7.3 3 2.4-1.3.6-3c3.3-1.6 5.9-5 5.3-10ZM4 14l-1.6 3.6L6 16Z"),
  lock: solid(YELLOW, "M6 9V6.5a4 4 0 0 1 8 0V9h1v9H5V9Zm2 0h4V6.5a2 2 0 0 0-4 0Z"), package: tile("#b5814f", "M4 7h12M10 7v9", "#fff9"),
  speech_balloon: solid(GREY, "M3 3h14v10H9l-4 4v-4H3Z"), memo: tile("#a7adb9", "M6 6h8M6 10h8M6 14h4"), tada: solid(ORANGE, "M3 17 8 5l7 7ZM13 3l1 2.4L16.5 6 14 7.3ZM17 10l.6 1.6L19 12l-1.5.8Z"),
  bust_in_silhouette: solid(GREY, "M10 10a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm-7 8a7 7 0 0 1 14 0Z"), link: line(BLUE, "M8.5 11.5a3 3 0 0 0 4.3 0l2.7-2.7a3 3 0 0 0-4.3-4.3L10 5.7M11.5 8.5a3 3 0 0 0-4.3 0l-2.7 2.7a3 3 0 0 0 4.3 4.3L10 14.3", 2),
};

/** Return a drawn emoji, or null for one that is not known here. */
export function emoji(name) {
  const draw = Object.hasOwn(DRAWN, name) ? DRAWN[name] : null;
  if (!draw) return null;
  return svg("svg", { class: "emoji", viewBox: "0 0 20 20", role: "img", "aria-label": name.replaceAll("_", " ") }, svg("title", {}, `:${name}:`), ...draw());
}

/** Return the app's mark: a traffic light. */
export function mark() {
  return svg("svg", { class: "mark", viewBox: "0 0 36 36", "aria-hidden": "true" },
    svg("rect", { x: 0.5, y: 0.5, width: 35, height: 35, rx: 8.5, fill: "#2c313d", stroke: "#ffffff2e" }),
    svg("rect", { x: 11.5, y: 4, width: 13, height: 28, rx: 6.5, fill: "#12151b" }),
    ...[[10, "#f0616d"], [18, "#f2c14e"], [26, "#42b883"]].map(([cy, fill]) => svg("circle", { cx: 18, cy, r: 3.5, fill })));
}
