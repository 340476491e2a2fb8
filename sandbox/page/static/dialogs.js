// Dialogs: Slack's modals, and the small question before a button takes effect.

import { el, send } from "./dom.js";
import { still } from "./blocks.js";
import { textNodes } from "./mrkdwn.js";

let shown = null;

/** Ask before a button is pressed, with the words of its `confirm` object; resolves to a boolean. */
export function confirmed(confirm, directory) {
  return new Promise((resolve) => {
    const yes = el("button", { type: "button", class: `act ${confirm.style ?? "primary"}` }, confirm.confirm.text);
    const no = el("button", { type: "button", class: "act" }, confirm.deny.text);
    const dialog = el("dialog", { class: "confirm", "aria-label": confirm.title.text },
      el("h2", {}, ...textNodes(confirm.title, directory)), el("p", {}, ...textNodes(confirm.text, directory)),
      el("footer", {}, no, yes));
    const done = (answer) => { dialog.remove(); resolve(answer); };
    yes.addEventListener("click", () => done(true));
    no.addEventListener("click", () => done(false));
    dialog.addEventListener("cancel", () => done(false));
    document.body.append(dialog);
    dialog.showModal();
    yes.focus();
  });
}

/** Show the topmost dialog of the person who looks, or none. */
export function showModal(views, directory) {
  const view = views.at(-1);
  const wanted = view ? `${directory.me}|${view.id}|${view.hash}` : null;
  if (shown?.key === wanted) return;
  shown?.dialog.remove();
  shown = null;
  if (!view) return;
  const dialog = modal(view, directory);
  shown = { key: wanted, dialog };
  document.body.append(dialog);
  dialog.showModal();
  (dialog.querySelector("textarea, input, select") ?? dialog.querySelector("button.primary"))?.focus();
}

function modal(view, directory) {
  const trouble = el("p", { class: "error", role: "alert", hidden: true });
  const submit = view.submit || view.blocks.some((block) => block.type === "input")
    ? el("button", { type: "submit", class: "act primary" }, view.submit?.text ?? "Submit") : null;
  const cancel = el("button", { type: "button", class: "act" }, view.close?.text ?? "Cancel");
  const form = el("form", { method: "dialog" },
    el("header", {}, el("h2", {}, ...textNodes(view.title, directory))),
    el("div", { class: "body" }, ...view.blocks.map((block) => (block.type === "input" ? field(block, directory) : still(block, directory)))),
    trouble, el("footer", {}, cancel, submit));
  const dialog = el("dialog", { class: "modal", "aria-label": view.title.text, "data-view": view.id }, form);
  const dismiss = () => { dialog.remove(); send("dismiss", { as: directory.me, view_id: view.id }); };
  cancel.addEventListener("click", dismiss);
  dialog.addEventListener("cancel", dismiss);
  form.addEventListener("submit", (event) => { event.preventDefault(); entered(form, view, directory, submit, trouble); });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) form.requestSubmit();
  });
  return dialog;
}

async function entered(form, view, directory, submit, trouble) {
  if (submit.disabled) return;
  submit.disabled = true;
  submit.setAttribute("aria-busy", "true");
  const answer = await send("submit", { as: directory.me, view_id: view.id, values: values(form) });
  submit.disabled = false;
  submit.removeAttribute("aria-busy");
  const errors = answer.errors ?? {};
  for (const note of form.querySelectorAll("[data-error]")) {
    const text = errors[note.dataset.error] ?? "";
    note.textContent = text;
    note.hidden = !text;
  }
  trouble.textContent = answer.error ?? errors[""] ?? "";
  trouble.hidden = !trouble.textContent;
  form.querySelector(".field:has([data-error]:not([hidden])) :is(input, textarea, select)")?.focus();
}

function values(form) {
  const found = {};
  for (const control of form.querySelectorAll("[data-block]")) {
    const { block, element, many } = control.dataset;
    const place = (found[block] ??= {});
    if (many) place[element] = [...control.querySelectorAll("input:checked")].map((one) => one.value);
    else if (control.tagName === "FIELDSET") place[element] = control.querySelector("input:checked")?.value ?? "";
    else place[element] = control.value;
  }
  return found;
}

function field(block, directory) {
  const id = `field-${block.block_id}`;
  const control = controlFor(block.element, { id, "data-block": block.block_id, "data-element": block.element.action_id, "aria-describedby": `${id}-hint ${id}-error` }, directory);
  const optional = block.optional ? el("small", {}, " (optional)") : null;
  return el("div", { class: "field" },
    el("label", { for: id }, ...textNodes(block.label, directory), optional), control,
    el("p", { id: `${id}-hint`, class: "hint", hidden: !block.hint }, ...(block.hint ? textNodes(block.hint, directory) : [])),
    el("p", { id: `${id}-error`, class: "error", "data-error": block.block_id, hidden: true, role: "alert" }));
}

function controlFor(element, names, directory) {
  if (element.type === "static_select" || element.type === "users_select") return select(element, names, directory);
  if (element.type === "radio_buttons" || element.type === "checkboxes") return choices(element, names, directory);
  const sizes = { maxlength: element.max_length ?? 3000, placeholder: element.placeholder?.text };
  const control = element.multiline ? el("textarea", { ...names, ...sizes, rows: 4 }) : el("input", { ...names, ...sizes, type: "text" });
  control.value = element.initial_value ?? "";
  return control;
}

function select(element, names, directory) {
  const options = element.options
    ? element.options.map((option) => [option.value, option.text.text])
    : directory.people.map((one) => [one.id, one.real]);
  const chosen = element.initial_option?.value ?? element.initial_user;
  return el("select", names, el("option", { value: "" }, element.placeholder?.text ?? "Choose"),
    ...options.map(([value, label]) => el("option", { value, selected: value === chosen }, label)));
}

function choices(element, names, directory) {
  const many = element.type === "checkboxes";
  const chosen = new Set([element.initial_option?.value, ...(element.initial_options ?? []).map((one) => one.value)]);
  return el("fieldset", { ...names, "data-many": many ? "yes" : null }, ...element.options.map((option) =>
    el("label", {}, el("input", { type: many ? "checkbox" : "radio", name: names.id, value: option.value, checked: chosen.has(option.value) }),
      el("span", {}, ...textNodes(option.text, directory)))));
}
