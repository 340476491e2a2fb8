// Building the page out of nodes. Nothing here takes markup: data can only become text.

const SVG = "http://www.w3.org/2000/svg";

/** Return a new element; `parts` are nodes or strings, and null ones are left out. */
export function el(name, attributes = {}, ...parts) {
  return fill(document.createElement(name), attributes, parts);
}

/** Return a new SVG element. */
export function svg(name, attributes = {}, ...parts) {
  return fill(document.createElementNS(SVG, name), attributes, parts);
}

function fill(node, attributes, parts) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...parts.flat().filter((part) => part !== null && part !== undefined));
  return node;
}

/** Show a short error in the corner for a few seconds. */
export function toast(text) {
  const note = el("div", { class: "toast" }, text);
  document.getElementById("toasts").append(note);
  setTimeout(() => note.remove(), 6000);
}

/** Send JSON to one of the page's endpoints; an unreachable server is an answer, too. */
export async function send(action, body) {
  try {
    const answer = await fetch(`/page/${action}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    return answer.ok ? await answer.json() : { ok: false, error: `The sandbox answered ${answer.status}.` };
  } catch {
    return { ok: false, error: "The sandbox cannot be reached." };
  }
}

/** Return the two letters and the hue that stand for a person. */
export function initials(name) {
  return name.split(/\s+/).map((word) => word[0] ?? "").join("").slice(0, 2).toUpperCase();
}

/** Return a person's square picture, made of initials. */
export function portrait(id, name, extra = "") {
  return el("span", { class: `portrait ${extra}`, "data-hue": [...id].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 6, "aria-hidden": "true" }, initials(name));
}
