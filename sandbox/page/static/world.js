// The strip that says what ECS runs.

import { el } from "./dom.js";

/** Show each application's colors with their revision and tasks; hide when there is nothing. */
export function showWorld(root, world) {
  const services = world?.services ?? [];
  root.hidden = services.length === 0;
  const applications = [...new Set(services.map((one) => one.application))];
  root.replaceChildren(el("span", { class: "caption" }, "ECS runs"), ...applications.map((name) =>
    el("div", { class: "application" }, el("strong", {}, name),
      ...services.filter((one) => one.application === name).map(service))));
}

function service(one) {
  const busy = one.rolloutState !== "COMPLETED";
  const says = `${one.color}: ${one.taskDefinition} ${one.image ?? ""}, ${one.running} of ${one.desired} tasks, ${one.rolloutState}`;
  return el("div", { class: "service", "data-color": one.color, "data-state": one.rolloutState, title: says, "aria-label": says, role: "img" },
    el("span", { class: busy ? "lamp busy" : "lamp" }), el("span", { class: "revision" }, one.image || one.taskDefinition),
    el("span", { class: "tasks" }, `${one.running}/${one.desired}`));
}
