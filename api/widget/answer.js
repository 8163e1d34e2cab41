// One question and its answer, as elements.

import { actions, again, fault, footnotes, refusal } from "./below.js";
import { dateOf, isVerbatim, periodOf, unturned } from "./text.js";
import { h, icon, words } from "./dom.js";

export class TurnView {
  constructor(chat, turn) {
    this.chat = chat;
    this.turn = turn;
    this.element = h("article", {
      class: "turn",
      part: "turn",
      tabindex: "-1",
      "aria-label": turn.question.slice(0, 200),
    });
    this.show();
  }

  /** Build everything anew; the focus stays on the same control, or goes to the whole when that is gone. */
  show() {
    this.#keepingFocus(() => this.#build());
  }

  #build() {
    const { turn, chat } = this;
    this.chips = h("div", { class: "understood", lang: chat.papersLang });
    this.body = h("div", { class: "body" });
    this.after = h("div", { class: "after" });
    const asked = h(
      chat.heading(1),
      { class: "question", part: "question" },
      h("span", { class: "unseen" }, chat.t("you_asked"), ": "),
    );
    asked.append(words("span", turn.question));
    this.element.replaceChildren(asked, this.chips, this.body, this.after);
    this.group = null;
    this.shown = []; // the texts of the statements that stand
    for (const statement of turn.statements) this.#statement(statement);
    this.#understood();
    this.#rest();
    this.element.setAttribute("aria-busy", String(turn.state === "asking"));
  }

  /** Change something; whoever is on a control that is made anew stays on it, or comes to the whole when it is gone. */
  #keepingFocus(change) {
    const { activeElement } = this.chat.root;
    const had = activeElement && activeElement !== this.element && this.element.contains(activeElement);
    change();
    if (!had || activeElement.isConnected) return;
    const name = activeElement.dataset.name;
    const now = name && this.element.querySelector(`[data-name="${CSS.escape(name)}"]`);
    (now || this.element).focus({ preventScroll: true });
  }

  /** Show what one event of the stream has changed. */
  changed(name) {
    if (name === "begin") this.show();
    else if (name === "end") this.#keepingFocus(() => this.#end());
    else this.#keepingFocus(() => this.#event(name));
  }

  #event(name) {
    if (name === "understood") this.#understood();
    if (name === "statement") this.#statement(this.turn.statements.at(-1));
    this.#rest();
  }

  /** The final answer: the statements stand already, unless the stream said something else before. */
  #end() {
    const { turn } = this;
    const same =
      turn.statements.every(({ text }, i) => text === this.shown[i]) && turn.statements.length === this.shown.length;
    if (!same) this.#build();
    else {
      this.#understood();
      this.#rest();
    }
    this.element.setAttribute("aria-busy", String(turn.state === "asking"));
  }

  #understood() {
    const { turn, chat } = this;
    const { t, lang } = chat;
    const chips = [];
    const add = (name, label) => {
      if (name === "voice" && chat.fixedVoice)
        chips.push(h("span", { class: "chip", part: "chip" }, words("span", label)));
      else chips.push(chip(name, label, "close", t("without", { what: label }), () => chat.without(turn, name)));
    };
    const labels = { period: (value) => periodOf(value, t), voice: (value) => t("said_by", { voice: value }) };
    for (const [name, label] of Object.entries(labels)) {
      const [now, taken] = [turn.understood?.[name], turn.without[name]];
      if (now) add(name, label(now));
      else if (taken) {
        const back = chip(name, label(taken), "again", t("with", { what: label(taken) }), () =>
          chat.putBack(turn, name),
        );
        back.classList.add("off");
        chips.push(back);
      }
    }
    if (turn.scope)
      chips.push(h("span", { class: "chip", part: "chip" }, words("span", t("only_in", { title: turn.scope.title }))));
    const read = turn.understood?.question;
    const other = read && plain(read) !== plain(turn.question);
    this.chips.replaceChildren(
      ...chips,
      other ? h("p", { class: "read-as" }, h("span", { lang }, t("read_as"), ": "), words("span", read)) : "",
    );
    this.chips.hidden = !chips.length && !other;
  }

  /** Add a statement: to the quotations of the same paper, or to the running text. */
  #statement(statement) {
    const { turn, chat } = this;
    this.shown.push(statement.text);
    const verbatim = isVerbatim(statement, turn.citations);
    const paper = verbatim ? turn.citations.get(statement.citations[0]) : null;
    const key = paper?.document_id ?? "";
    if (!this.group || this.group.key !== key) {
      const said = h(paper ? "blockquote" : "div", { class: "said", lang: chat.papersLang });
      this.body.querySelectorAll(".draft, .progress").forEach((old) => old.remove());
      const element = h(paper ? "figure" : "div", { class: "statements", part: "statements" }, said);
      if (paper) element.append(attribution(paper, chat));
      this.body.append(element);
      this.group = { key, said };
    }
    const cites = statement.citations.map((number) => this.#cite(number));
    this.group.said.append(
      h("p", { class: "statement", part: "statement", dir: "auto" }, withLast(statement.text, cites)),
    );
  }

  #cite(number) {
    const { turn, chat } = this;
    const title = turn.citations.get(number)?.title ?? "";
    const label = unturned(chat.t("open_source", { n: number, title }));
    return h(
      "button",
      {
        type: "button",
        class: "cite",
        part: "citation",
        lang: chat.lang,
        "aria-label": label,
        title: label,
        "aria-haspopup": "dialog",
        "data-name": `cite-${number}`,
        "data-cite": number,
        onclick: () => chat.sources.openCitation(turn, number),
      },
      String(number),
    );
  }

  /** What stands below the statements: progress, a refusal, a fault, or what can be done with the answer. */
  #rest() {
    const { turn, chat } = this;
    const { t } = chat;
    this.body.querySelectorAll(".draft, .progress, .refusal, .fault").forEach((old) => old.remove());
    if (turn.draft) {
      const text = words("p", turn.draft, { class: "statement" });
      this.body.append(h("div", { class: "statements draft", lang: chat.papersLang }, text));
    }
    if (turn.state === "asking") {
      const step = t(turn.understood ? "searching" : "reading_question");
      this.body.append(h("p", { class: "progress", part: "progress" }, h("span", {}, step)));
    }
    if (turn.state === "refused") this.body.append(refusal(turn, chat));
    if (turn.state === "stopped") this.body.append(again(turn, chat, t("stopped")));
    if (turn.state === "fault") this.body.append(fault(turn, chat));
    this.after.replaceChildren(...(turn.answer ? [actions(turn, chat), footnotes(turn, chat)] : []));
  }
}

const plain = (text) =>
  text
    .toLowerCase()
    .replace(/[\s?.!]+/g, " ")
    .trim();

function chip(name, label, picture, does, onclick) {
  const named = {
    type: "button",
    class: "chip",
    part: "chip",
    "data-name": name,
    "aria-label": does,
    title: does,
    onclick,
  };
  return h("button", named, words("span", label), icon(picture));
}

/** The text with the buttons after it, the first of them kept on the line of the last word. */
function withLast(text, cites) {
  const space = text.lastIndexOf(" ") + 1;
  if (text.length - space > 24) return [text, " ", ...cites];
  return [text.slice(0, space), h("span", { class: "kept" }, text.slice(space), "\u00a0", ...cites)];
}

function attribution(paper, { t, papersLang }) {
  const [publisher, date] = [paper.publisher, dateOf(paper.published, t) || t("no_date")];
  return h(
    "figcaption",
    { part: "attribution" },
    publisher && [words("b", publisher, { lang: papersLang }), " · "],
    words("cite", paper.title, { lang: papersLang }),
    " · ",
    words("span", date, { class: "date" }),
  );
}
