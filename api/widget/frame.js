// The frame of the chat: open or closed, small or large, what is in sight, what is read aloud, and the Escape key.

import { h, icon } from "./dom.js";
import { unturned } from "./text.js";

const scrolls = (box) => box.scrollHeight > box.clientHeight + 1 && /auto|scroll/.test(getComputedStyle(box).overflowY);

export class Frame {
  /** Around the parts that the chat has made: header, log, composer, panel. */
  constructor(chat) {
    const { mode, root, header, log, composer, panel } = chat;
    const docked = mode === "docked";
    this.chat = chat;
    this.status = h("div", { class: "unseen", role: "status" });
    this.main = h("div", { class: "main" }, header.element, log, composer.element);
    const attributes = {
      class: `shell ${mode}`,
      part: "window",
      "aria-labelledby": "title",
      onkeydown: (event) => this.#key(event),
      oncancel: (event) => event.preventDefault(), // Escape closes one thing after the other
    };
    this.shell = h(docked ? "dialog" : "section", attributes, this.main, panel.element, this.status);
    const launch = {
      type: "button",
      class: "launcher",
      part: "launcher",
      "aria-haspopup": "dialog",
      onclick: () => this.show(),
    };
    this.launcher = docked && h("button", launch, icon("ask"), h("span", {}, chat.title));
    root.replaceChildren(...(docked ? [this.launcher] : []), this.shell);
    new ResizeObserver(() => this.fit()).observe(this.shell);
    chat.small.addEventListener("change", () => this.#reopened());
  }

  /** Open the docked chat and put the cursor into the question. */
  show() {
    const { composer, mode, opened } = this.chat;
    if (mode !== "docked") return composer.focus();
    if (!this.shell.open) {
      this.#open();
      this.launcher.hidden = true;
      opened(true);
    }
    this.fit();
    composer.typed();
    composer.focus();
  }

  /** Where it covers the whole window, nothing behind it can be reached. */
  #open() {
    if (this.chat.small.matches) this.shell.showModal();
    else this.shell.show();
  }

  /** The window became small or large while the chat was open. */
  #reopened() {
    if (!this.shell.isConnected || !this.shell.open) return;
    const focused = this.chat.root.activeElement;
    this.shell.close();
    this.#open();
    focused?.focus();
  }

  /** Close the docked chat; the focus returns to the button that opens it. */
  hide() {
    if (!this.shell.open) return;
    const inside = this.shell.contains(this.chat.root.activeElement);
    this.shell.close();
    this.launcher.hidden = false;
    this.chat.opened(false);
    if (inside) this.launcher.focus();
  }

  #key(event) {
    if (event.key !== "Escape" || event.isComposing || event.defaultPrevented) return;
    event.preventDefault();
    const { header, mode, panel, sources } = this.chat;
    if (header.toggle(false)) return;
    if (panel.view) sources.close();
    else if (mode === "docked") this.hide();
  }

  /** Say something once to people who listen to the page. */
  say(text) {
    clearTimeout(this.quiet);
    this.status.textContent = unturned(text);
    // Left there, it would be met a second time by whoever reads the page from top to bottom.
    this.quiet = setTimeout(() => this.status.replaceChildren(), 20_000);
  }

  /** Put the panel beside the conversation where there is room, otherwise over it. */
  fit() {
    const em = parseFloat(getComputedStyle(this.shell).fontSize);
    const room = this.chat.mode === "docked" ? window.innerWidth - 2 * em : this.shell.clientWidth;
    this.beside = room >= 56 * em;
    const open = Boolean(this.chat.panel.view);
    this.shell.classList.toggle("open-panel", open);
    this.shell.classList.toggle("beside", this.beside);
    this.main.inert = open && !this.beside;
  }

  /** Scroll `element` to the upper third of what scrolls around it, and move nothing else of the page. */
  bringIntoSight(element, inner) {
    const box = [inner, this.chat.panel.element, this.shell].find(scrolls);
    if (!box) return;
    const by = element.getBoundingClientRect().top - box.getBoundingClientRect().top - box.clientHeight / 4;
    box.scrollTop += by;
  }

  /** Scroll the conversation only as far as it takes to see the end of an element. */
  reveal(element) {
    const box = this.#scrolled();
    const below = box && element.getBoundingClientRect().bottom - box.getBoundingClientRect().bottom + 8;
    if (below > 0) box.scrollTop += below;
  }

  /** Scroll the conversation so that it begins with an element. */
  scrollTo(element) {
    const box = this.#scrolled();
    if (!box) return;
    const top = box.scrollTop + element.getBoundingClientRect().top - box.getBoundingClientRect().top - 8;
    box.scrollTo({ top, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  }

  #scrolled() {
    return [this.chat.log, this.shell].find(scrolls);
  }
}
