// The bar at the top: the title, what can be asked, a new conversation, and a menu of what is needed less often.

import { h, icon } from "./dom.js";

export class Header {
  constructor(chat) {
    const { t } = chat;
    const tool = (name, picture, onclick, more = {}) =>
      h(
        "button",
        { type: "button", class: "tool", "aria-label": t(name), title: t(name), onclick, ...more },
        icon(picture),
        h("span", { class: "label" }, t(name)),
      );
    const item = (label, does, more = {}) => {
      const onclick = () => {
        this.toggle(false);
        does();
      };
      return h("button", { type: "button", class: "item", onclick, ...more }, label);
    };
    this.button = tool("more", "more", () => this.toggle(this.menu.hidden), {
      "aria-expanded": "false",
      "aria-controls": "menu",
    });
    this.menu = h(
      "div",
      { class: "menu", part: "menu", id: "menu", hidden: true, onfocusout: (event) => this.#left(event.relatedTarget) },
      item([icon("down"), t("download")], () => chat.download()),
      item([icon("print"), t("print")], () => chat.print()),
      chat.languages.map(({ lang, name, choose }) => item(name, choose, { lang })),
    );
    this.element = h(
      "header",
      { class: "bar", part: "header" },
      h(chat.heading(0), { class: "title", id: "title", part: "title" }, chat.title),
      h(
        "div",
        { class: "tools" },
        tool("papers", "book", () => chat.sources.openPapers()),
        tool("new", "plus", () => chat.startAnew()),
        h("div", { class: "menu-holder" }, this.button, this.menu),
        chat.mode === "docked" && tool("close", "close", () => chat.frame.hide()),
      ),
    );
  }

  /** Open or close the menu; whether it was open before. */
  toggle(open) {
    const was = !this.menu.hidden;
    const inside = this.menu.matches(":focus-within");
    this.menu.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    if (open) this.menu.firstElementChild.focus();
    else if (inside) this.button.focus();
    return was;
  }

  /** The menu closes when the focus goes elsewhere; its own button closes it by itself. */
  #left(to) {
    if (!this.menu.contains(to) && to !== this.button) this.toggle(false);
  }
}
