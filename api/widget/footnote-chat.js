// <footnote-chat>: the element, its attributes and its three methods. docs/widget.md describes them.

import { Chat } from "./chat.js";
import { Conversation } from "./conversation.js";
import { Fault, Service } from "./service.js";
import { STRINGS, STYLE } from "./bundle.js";
import { translator } from "./text.js";

const SCRIPT = document.currentScript?.src;
const MODES = ["docked", "inline", "page"];

const sheet = new CSSStyleSheet();
sheet.replaceSync(STYLE);

export class FootnoteChat extends HTMLElement {
  static observedAttributes = [
    "endpoint",
    "mode",
    "chat-title",
    "greeting",
    "suggestions",
    "filters",
    "lang",
    "documents-lang",
    "keep",
    "open",
  ];

  #conversation = new Conversation();
  #chat = null;
  #due = false;

  /** Ask a question, as if somebody had typed it. */
  ask(question) {
    this.show();
    this.#chat?.askNew(String(question));
  }

  /** Open the docked chat. */
  show() {
    this.#chat?.frame.show();
  }

  /** Close the docked chat. */
  hide() {
    this.#chat?.frame.hide();
  }

  connectedCallback() {
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    if (this.#kept()) this.#conversation.restore(sessionStorage.getItem(this.#kept()) ?? "{}");
    this.#build();
  }

  disconnectedCallback() {
    this.#conversation.stop();
  }

  attributeChangedCallback(name, before, after) {
    if (!this.#chat || before === after) return;
    if (name === "open") {
      if (after === null) this.hide();
      else this.show();
    } else if (!this.#due) {
      this.#due = true;
      queueMicrotask(() => {
        this.#due = false;
        if (this.isConnected) this.#build();
      });
    }
  }

  /** Build the view anew; the conversation goes on in it. */
  #build() {
    const lang = this.#lang();
    const t = translator(STRINGS[lang], lang);
    const papersLang = this.getAttribute("documents-lang") ?? "en";
    const options = {
      t,
      lang,
      papersLang,
      inPapersLang: translator(STRINGS[papersLang] ?? STRINGS.en, "en"),
      mode: MODES.includes(this.getAttribute("mode")) ? this.getAttribute("mode") : "docked",
      title: this.getAttribute("chat-title") || t("title"),
      greeting: this.getAttribute("greeting") || t("greeting"),
      suggestions: (this.getAttribute("suggestions") ?? "")
        .split("|")
        .map((text) => text.trim())
        .filter(Boolean),
      service: new Service(this.#base(), this.#conversation.key),
      filters: () => this.#filters(),
      languages: this.#languages(lang),
      small: matchMedia("(max-width: 480px), (max-height: 480px)"),
      opened: (open) => this.toggleAttribute("open", open),
      saved: () => this.#save(),
    };
    const focused = this.shadowRoot.activeElement;
    this.#chat = new Chat(this.shadowRoot, this.#conversation, options);
    if (focused || this.hasAttribute("open")) this.#chat.frame.show();
  }

  /** The language of the element, else that of the page around it, else English. */
  #lang() {
    const wanted = this.closest("[lang]")?.getAttribute("lang").toLowerCase() ?? "en";
    return [wanted, wanted.split("-")[0], "en"].find((lang) => Object.hasOwn(STRINGS, lang));
  }

  #languages(current) {
    return Object.entries(STRINGS)
      .filter(([lang]) => lang !== current)
      .map(([lang, strings]) => ({ lang, name: strings.language, choose: () => this.setAttribute("lang", lang) }));
  }

  /** Where the service is: what the attribute says, else where this script came from. */
  #base() {
    const base = new URL(this.getAttribute("endpoint") || SCRIPT || ".", document.baseURI);
    if (this.getAttribute("endpoint") && !base.pathname.endsWith("/")) base.pathname += "/";
    return base.href;
  }

  /** The filters of the page. A misspelt one must not widen what is searched, so it is a fault. */
  #filters() {
    try {
      const filters = JSON.parse(this.getAttribute("filters") || "{}");
      if (filters === null || typeof filters !== "object" || Array.isArray(filters)) throw new Error("not an object");
      return filters;
    } catch (error) {
      throw new Fault("page", `filters: ${error.message}`);
    }
  }

  /** The name under which the conversation is kept, when the page asks for that. */
  #kept() {
    return this.getAttribute("keep") === "tab" ? `footnote-chat ${this.#base()}` : null;
  }

  #save() {
    if (!this.#kept()) return;
    try {
      sessionStorage.setItem(this.#kept(), this.#conversation.save());
    } catch {
      // The tab's storage is full or shut off: the conversation still is in the page.
    }
  }
}

if (!customElements.get("footnote-chat")) customElements.define("footnote-chat", FootnoteChat);
