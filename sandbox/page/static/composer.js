// The box at the bottom: slash commands with a hint, earlier lines, and who is speaking.

import { el, send, toast } from "./dom.js";

const LINES_KEPT = 50;

/** Make the box work; `switchTo` is called with the id of whoever is chosen. */
export class Composer {
  constructor(switchTo) {
    this.form = document.getElementById("composer");
    this.line = document.getElementById("line");
    this.hints = document.getElementById("hints");
    this.who = document.getElementById("who");
    this.earlier = JSON.parse(sessionStorage.getItem("lines") ?? "[]");
    this.at = this.earlier.length;
    this.draft = "";
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
    this.line.addEventListener("input", () => this.changed());
    this.line.addEventListener("keydown", (event) => this.key(event));
    this.who.addEventListener("change", () => switchTo(this.who.value));
  }

  /** Know who may speak and which commands there are. */
  show(directory) {
    this.directory = directory;
    const people = directory.people.map((one) => `${one.id}${one.name}`).join();
    if (this.people !== people) {
      this.people = people;
      this.who.replaceChildren(...directory.people.map((one) => el("option", { value: one.id }, one.name)));
    }
    this.who.value = directory.me;
    const first = directory.commands[0];
    this.line.placeholder = first ? `Try ${first.command} ${first.hint}` : `Message #${directory.channel.name}`;
  }

  async submit() {
    const text = this.line.value.trim();
    if (!text || this.sending) return;
    this.sending = true;
    this.form.classList.add("sending");
    const answer = await send("command", { as: this.directory.me, text });
    this.sending = false;
    this.form.classList.remove("sending");
    if (answer.error) { toast(answer.error); return; }
    this.earlier = [...this.earlier.filter((one) => one !== text), text].slice(-LINES_KEPT);
    sessionStorage.setItem("lines", JSON.stringify(this.earlier));
    this.at = this.earlier.length;
    this.set("");
  }

  key(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.form.requestSubmit();
    } else if (event.key === "ArrowUp" && this.at > 0 && !this.line.value.slice(0, this.line.selectionStart).includes("\n")) {
      event.preventDefault();
      if (this.at === this.earlier.length) this.draft = this.line.value;
      this.set(this.earlier[--this.at]);
    } else if (event.key === "ArrowDown" && this.at < this.earlier.length && !this.line.value.slice(this.line.selectionEnd).includes("\n")) {
      event.preventDefault();
      this.set(this.earlier[++this.at] ?? this.draft);
    } else if (event.key === "Tab" && !this.hints.hidden && !this.line.value.includes(" ")) {
      event.preventDefault();
      this.complete(this.hints.firstElementChild.dataset.command);
    } else if (event.key === "Escape") {
      this.hints.hidden = true;
    }
  }

  set(text) {
    this.line.value = text;
    this.changed();
  }

  complete(command) {
    this.line.value = `${command} `;
    this.line.focus();
    this.changed();
  }

  changed() {
    this.line.style.height = "auto";
    this.line.style.height = `${Math.min(this.line.scrollHeight, 160)}px`;
    const word = this.line.value.split(" ")[0];
    const fitting = word.startsWith("/") ? this.directory.commands.filter((one) => one.command.startsWith(word)) : [];
    this.hints.hidden = fitting.length === 0;
    this.hints.replaceChildren(...fitting.map((one) =>
      el("li", { role: "option", "data-command": one.command, onclick: () => this.complete(one.command) },
        el("strong", {}, one.command), " ", el("code", {}, one.hint), el("span", {}, one.description))));
  }
}
