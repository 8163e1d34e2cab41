// What can be asked: the greeting with the page's own suggestions, and the papers, searchable.

import { h, icon, line, words } from "./dom.js";
import { facts } from "./text.js";

const PAUSE = 250; // milliseconds without a key pressed before the list is searched

/** The greeting, while nothing was asked. */
export function welcome(chat) {
  const { t } = chat;
  const open = () => chat.sources.openPapers();
  return h(
    "div",
    { class: "welcome", part: "welcome" },
    h("p", { class: "greeting", part: "greeting" }, chat.greeting),
    h("p", { class: "muted" }, t("promise")),
    chat.suggestions.length ? h(chat.heading(1), { class: "why" }, t("try_asking")) : null,
    suggestions(chat),
    h("button", { type: "button", class: "quiet", onclick: open }, icon("book"), t("papers")),
  );
}

function suggestions(chat) {
  const attributes = { type: "button", class: "suggestion", part: "suggestion", lang: chat.papersLang };
  const items = chat.suggestions.map((question) =>
    h("li", {}, h("button", { ...attributes, onclick: () => chat.askNew(question) }, question)),
  );
  return items.length ? h("ul", { class: "suggestions" }, items) : null;
}

/** The view of the panel that lists the papers; made once, so that a search is still there on the way back. */
export function papersView(chat, back) {
  const { t, lang } = chat;
  const status = h("p", { class: "muted", role: "status" });
  const list = h("ul", { class: "papers", part: "papers" });
  const more = h("button", { type: "button", class: "quiet", hidden: true }, t("more_papers"));
  const field = h("input", { type: "search", autocomplete: "off", "data-name": "find" });
  let [latest, timer, next] = [null, null, null];

  async function look(cursor = null) {
    latest?.abort();
    const control = new AbortController();
    latest = control;
    try {
      const page = await chat.service.documents(field.value.trim(), cursor, control.signal);
      if (latest !== control) return;
      const items = page.items.filter((paper) => allowed(paper, chat.filters())).map((paper) => entry(paper, chat));
      if (cursor) list.append(...items);
      else list.replaceChildren(...items);
      next = page.next;
      more.hidden = !next;
      const total = items.length < page.items.length ? list.childElementCount : page.total;
      status.textContent = total ? t("papers_found", { n: total }) : t("papers_none");
      if (cursor) items[0]?.querySelector("button").focus();
    } catch {
      if (latest !== control || control.signal.aborted) return;
      list.replaceChildren();
      more.hidden = true;
      status.textContent = t("papers_failed");
    }
  }

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE);
  });
  more.addEventListener("click", () => look(next));
  look();
  return {
    heading: t("papers"),
    content: [
      h(
        "div",
        { class: "text", lang },
        h("p", {}, t("papers_intro")),
        suggestions(chat),
        h("label", { class: "field" }, t("find_paper"), field),
        status,
        list,
        more,
      ),
    ],
    back,
  };
}

function entry(item, chat) {
  const { t, papersLang } = chat;
  const paper = { ...item, document_id: item.id };
  const attributes = {
    type: "button",
    class: "link",
    "data-name": `paper-${item.id}`,
    onclick: () => chat.sources.openPaper(paper, true),
  };
  const ask = {
    type: "button",
    class: "quiet",
    "aria-label": t("ask_in_named", { title: item.title }),
    onclick: () => chat.askIn(item),
  };
  return h(
    "li",
    {},
    h("button", attributes, words("span", item.title, { lang: papersLang })),
    h("p", { class: "muted" }, line(facts(paper, t))),
    h("button", ask, t("ask_in")),
  );
}

/** Whether the page's own filters let answers come from this paper. */
function allowed(paper, { documents, published_from: from, published_to: to }) {
  const published = paper.published ?? "";
  if ((from || to) && !published) return false;
  if (documents && !documents.includes(paper.id)) return false;
  return !(from && published < from.slice(0, published.length)) && !(to && published.slice(0, to.length) > to);
}
