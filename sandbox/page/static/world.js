// The strip that says what ECS runs, and how its colors' traffic fares.

import { el } from "./dom.js";
import { Traffic, highestShare } from "./traffic.js";

/** Every application's colors. What stays is changed in place: nothing flickers or loses its place. */
export class World {
  constructor(root) {
    this.root = root;
    this.list = el("div", { class: "applications" });
    this.applications = new Map();
    root.append(legend(), this.list);
  }

  /** Show the applications; hide when there are none. */
  show(world) {
    const services = world?.services ?? [];
    const by = (name) => services.filter((one) => one.application === name);
    this.root.hidden = services.length === 0;
    this.root.classList.toggle("measured", services.some((one) => one.requests?.length));
    keep(this.applications, this.list, services.map((one) => one.application), (name) => new Application(name));
    for (const [name, application] of this.applications) application.show(by(name));
  }
}

class Application {
  constructor(name) {
    this.colors = new Map();
    this.root = el("div", { class: "application" }, el("strong", {}, name));
  }

  show(services) {
    const highest = highestShare(services);
    keep(this.colors, this.root, services.map((one) => one.color), (color) => new Color(color));
    for (const one of services) this.colors.get(one.color).show(one, highest);
  }
}

class Color {
  constructor(color) {
    this.lamp = el("span", { class: "lamp" });
    this.revision = el("span", { class: "revision" });
    this.tasks = el("span", { class: "tasks" });
    this.runs = el("div", { class: "runs", role: "img" }, this.lamp, this.revision, this.tasks);
    this.traffic = new Traffic();
    this.root = el("div", { class: "service", "data-color": color }, this.runs, this.traffic.root);
  }

  show(one, highest) {
    const says = `${one.color}: ${one.taskDefinition} ${one.image ?? ""}, ${one.running} of ${one.desired} tasks, ${one.rolloutState}`;
    this.root.dataset.state = one.rolloutState;
    this.lamp.classList.toggle("busy", one.rolloutState !== "COMPLETED");
    this.revision.textContent = one.image || one.taskDefinition;
    this.tasks.textContent = `${one.running}/${one.desired}`;
    this.traffic.show(one, highest);
    this.runs.setAttribute("aria-label", says);
    this.root.title = [says, this.traffic.root.ariaLabel].filter(Boolean).join("\n");
  }
}

/** Keep one part for each name, in the names' order, and make those that are missing. */
function keep(parts, parent, names, make) {
  for (const [name, part] of parts) {
    if (names.includes(name)) continue;
    part.root.remove();
    parts.delete(name);
  }
  for (const name of new Set(names)) {
    const isNew = !parts.has(name);
    if (isNew) parts.set(name, make(name));
    if (isNew) parent.append(parts.get(name).root);
  }
}

function legend() {
  return el("div", { class: "caption" }, el("span", {}, "ECS runs"),
    el("span", { class: "key" }, el("i", { class: "filled" }), "requests ", el("i", { class: "drawn" }), "errors"),
    el("span", { class: "key" }, "p99 latency"));
}
