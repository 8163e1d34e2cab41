// Where a question is typed, with the one paper it is put to, if somebody chose one.

import { h, icon, words } from "./dom.js";

const MOST = 2000; // characters of a question, as the service counts them

export class Composer {
  /** `send(text)` is called with a question that can be asked, `stop()` to stop the one that is under way. */
  constructor(chat, { send, stop }) {
    const { t } = chat;
    this.chat = chat;
    this.send = send;
    this.field = h("textarea", {
      rows: "1",
      part: "input",
      placeholder: t("placeholder"),
      "aria-label": t("question"),
      "aria-describedby": "keys",
      oninput: () => this.typed(),
      onkeydown: (event) => {
        if (event.key === "Enter" && !event.shiftKey && !event.isComposing) this.#submit(event);
      },
    });
    this.field.value = chat.conversation.text;
    this.scope = h("div", { class: "scope", hidden: true });
    this.over = h("p", { class: "over", role: "alert" });
    this.sendButton = h("button", { class: "send", part: "send" }, icon("send"), h("span", {}, t("send")));
    const stops = { type: "button", class: "send stop", part: "stop", onclick: stop };
    this.stopButton = h("button", stops, icon("stop"), h("span", {}, t("stop")));
    const row = h("div", { class: "field-row" }, this.field, this.sendButton, this.stopButton);
    const keys = h("p", { class: "keys", id: "keys" }, t("keys"));
    this.element = h(
      "form",
      { class: "composer", part: "composer", onsubmit: (event) => this.#submit(event) },
      h("div", { class: "column" }, this.scope, row, this.over, keys),
    );
  }

  focus() {
    this.field.focus({ preventScroll: true });
  }

  /** Put a question back into the field; what stands there already is kept after it. */
  putBack(question) {
    this.field.value = [question, this.field.value].filter((text) => text.trim()).join("\n");
    this.typed();
    this.focus();
  }

  /** Show whether a question is under way, and which paper is asked. */
  refresh() {
    const { conversation, t } = this.chat;
    const running = Boolean(conversation.running);
    this.stopButton.hidden = !running;
    this.sendButton.hidden = running;
    this.scope.hidden = !conversation.scope;
    this.scope.replaceChildren();
    if (!conversation.scope) return;
    const label = t("only_in", { title: conversation.scope.title });
    const lift = () => {
      this.chat.scopeTo(null);
      this.focus();
    };
    const does = { "aria-label": `${label}. ${t("everywhere")}`, title: t("everywhere"), onclick: lift };
    this.scope.append(
      h("button", { type: "button", class: "chip", part: "chip", ...does }, words("span", label), icon("close")),
    );
  }

  /** What is typed has changed: keep it, say when it is too long, and give it room up to what the style sheet allows. */
  typed() {
    const over = this.#over();
    this.chat.conversation.text = this.field.value;
    this.over.textContent = over > 0 ? this.chat.t("too_long", { over, most: MOST }) : "";
    this.field.setAttribute("aria-invalid", String(over > 0));
    this.field.style.height = "auto";
    if (this.field.scrollHeight) this.field.style.height = `${this.field.scrollHeight + 2}px`;
  }

  #over() {
    return [...this.field.value.trim()].length - MOST;
  }

  #submit(event) {
    event.preventDefault();
    const text = this.field.value.trim();
    if (this.chat.conversation.running) this.chat.frame.say(this.chat.t("still_working"));
    else if (text && this.#over() <= 0) {
      this.field.value = "";
      this.typed();
      this.send(text);
    }
  }
}
