// The panel beside (or, where there is no room, over) the conversation: a paper around a quote, or the list of papers.

import { h, icon, line, words } from "./dom.js";
import { facts, place, utf16 } from "./text.js";
import { download } from "./take.js";

const AROUND = 2500; // characters shown before and after a quote until the whole paper is asked for

export class Panel {
  constructor(chat) {
    const { t } = chat;
    this.chat = chat;
    this.view = null;
    this.heading = h(chat.heading(1), { class: "panel-heading", id: "panel-heading", tabindex: "-1" });
    this.tools = h("div", { class: "tools" });
    const shut = () => chat.sources.close();
    const close = h(
      "button",
      { type: "button", class: "tool", "aria-label": t("close"), title: t("close"), onclick: shut },
      icon("close"),
    );
    this.content = h("div", { class: "panel-content" });
    this.element = h(
      "section",
      { class: "panel", part: "panel", role: "dialog", "aria-labelledby": "panel-heading", hidden: true },
      h("header", { class: "bar" }, this.heading, this.tools, close),
      this.content,
    );
  }

  /** Show `{ heading, tools, content, back }`; `back` is where the focus goes when the panel closes. */
  show(view) {
    this.view = view;
    this.heading.textContent = view.heading;
    this.tools.replaceChildren(...(view.tools ?? []));
    this.content.replaceChildren(...view.content);
    this.element.hidden = false;
  }

  close() {
    this.element.hidden = true;
    this.content.replaceChildren();
    const { view } = this;
    this.view = null;
    return view;
  }
}

/** The paper of one citation, its quote in sight, with the way to the one before and the one after. */
export function citationView(turn, number, chat) {
  const { t } = chat;
  const numbers = [...turn.citations.keys()];
  const at = numbers.indexOf(number);
  const citation = turn.citations.get(number);
  const step = (by, name, picture) =>
    h(
      "button",
      {
        type: "button",
        class: "tool",
        "data-step": by,
        "aria-label": t(name),
        title: t(name),
        "aria-disabled": String(numbers[at + by] === undefined),
        onclick: () => numbers[at + by] !== undefined && chat.sources.openCitation(turn, numbers[at + by], by),
      },
      icon(picture),
    );
  return {
    turn,
    number,
    heading: t("source_of", { n: number, total: numbers.length }),
    tools: numbers.length > 1 ? [step(-1, "previous", "back"), step(1, "next", "next")] : [],
    content: paperContent(citation, chat),
    back: () => chat.sources.citeButton(turn, number),
  };
}

/** A whole paper, from its beginning; `listed` when it was chosen from the list, to which a button goes back. */
export function paperView(paper, chat, listed) {
  const { t } = chat;
  const again = {
    type: "button",
    class: "tool",
    "aria-label": t("back"),
    title: t("back"),
    onclick: () => chat.sources.openPapers(),
  };
  return {
    heading: t("paper_text"),
    paper,
    listed,
    tools: listed ? [h("button", again, icon("back"))] : [],
    content: paperContent(paper, chat),
  };
}

function paperContent(paper, chat) {
  const { t, lang, papersLang } = chat;
  const spoken = paper.quote && paper.voice && paper.voice !== paper.publisher && t("said_by", { voice: paper.voice });
  const text = h("div", {
    class: "text",
    part: "source",
    role: "region",
    tabindex: "0",
    "aria-label": t("paper_text"),
    lang: papersLang,
  });
  text.append(h("p", { class: "progress", lang }, h("span", {}, t("loading_text"))));
  fill(text, paper, chat);
  const where = place(paper, t);
  return [
    h(
      "div",
      { class: "paper" },
      words(chat.heading(2), paper.title, { class: "paper-title", lang: papersLang }),
      h("p", { class: "facts" }, line(facts(paper, t))),
      where.length || spoken ? h("p", { class: "facts" }, line([...where, spoken])) : null,
    ),
    text,
    h("footer", { class: "bar" }, original(paper, chat)),
  ];
}

/** Put the paper's text into its box: the quote, what stands around it, and a word when it cannot be shown. */
async function fill(box, paper, chat) {
  const { t, lang } = chat;
  const note = (key) => h("p", { class: "note", lang }, t(key));
  const quote = () => words("mark", paper.quote, { part: "quote" });
  let text;
  try {
    text = await chat.sources.textOf(paper.document_id);
  } catch (fault) {
    const gone = fault.values?.status === 404 ? "gone" : "unreadable";
    box.replaceChildren(note(gone), ...(paper.quote ? [h("p", { class: "words" }, quote())] : []));
    return;
  }
  if (!paper.quote) {
    around(box, text, 0, 0, [], chat);
    return;
  }
  const [start, end] = [utf16(text, paper.start), utf16(text, paper.end)];
  if (text.slice(start, end) === paper.quote) around(box, text, start, end, [quote()], chat);
  else box.replaceChildren(note("changed"), h("p", { class: "words" }, quote()));
}

/** Empty lines beyond one are not shown; the quote itself is shown as it is. */
const calm = (part) => part.replace(/[^\S\n]*\n(?:[^\S\n]*\n)+/g, "\n\n");

function around(box, text, start, end, middle, chat, whole = false) {
  const from = whole ? 0 : lineStart(text, start - AROUND, start);
  const to = whole ? text.length : lineEnd(text, end + AROUND, end);
  const more = () =>
    h(
      "button",
      {
        type: "button",
        class: "quiet",
        lang: chat.lang,
        onclick: () => around(box, text, start, end, middle, chat, true),
      },
      chat.t("whole_text"),
    );
  const before = calm(text.slice(from, start)).replace(/^\n+/, "");
  const content = h("div", { class: "words", dir: "auto" });
  content.append(words("span", before), ...middle, words("span", calm(text.slice(end, to)).replace(/\n+$/, "")));
  const had = box.contains(chat.root.activeElement);
  box.replaceChildren(...(from > 0 ? [more()] : []), content, ...(to < text.length ? [more()] : []));
  if (had) box.focus({ preventScroll: true });
  chat.frame.bringIntoSight(middle[0] ?? content, box);
}

/** The beginning of a line at or after `at`, at most `most`. */
function lineStart(text, at, most) {
  if (at <= 0) return 0;
  const found = text.indexOf("\n", at);
  return found < 0 || found >= most ? most : found + 1;
}

/** The end of a line at or before `at`, at least `least`. */
function lineEnd(text, at, least) {
  if (at >= text.length) return text.length;
  return Math.max(text.lastIndexOf("\n", at), least);
}

/** A link to the original; with a key, which no link carries, a download. */
function original(paper, chat) {
  const { t, service } = chat;
  const id = paper.document_id;
  if (!service.key) {
    const href = service.original(id, paper.file && paper.page);
    return h("a", { href, target: "_blank", rel: "noopener noreferrer", part: "original" }, t("original"), icon("out"));
  }
  const name = (paper.source ?? paper.title).split("/").at(-1);
  const fetched = () =>
    service.file(id).then(
      (blob) => download(blob, name),
      () => chat.frame.say(t("unreadable")),
    );
  return h("button", { type: "button", class: "quiet", onclick: fetched }, icon("down"), t("get_original"));
}
