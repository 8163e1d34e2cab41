// What stands below the statements: a refusal, a fault, what can be done with an answer, and its notes for paper.

import { h, icon, line, words } from "./dom.js";
import { dateOf, facts, faultText, periodOf, place, unturned } from "./text.js";
import { Turn } from "./conversation.js";

export function refusal(turn, chat) {
  const { t } = chat;
  const { reason, message, nearest } = turn.answer.refusal;
  const papers = nearest.map((paper) => nearestPaper(paper, chat));
  const better = betterQuestions(turn, chat).map(({ name, label, ask }) =>
    h(
      "li",
      {},
      h(
        "button",
        { type: "button", class: "suggestion", part: "suggestion", "data-name": name, onclick: ask },
        words("span", label),
      ),
    ),
  );
  return h(
    "div",
    { class: "refusal", part: "refusal" },
    h(
      chat.heading(2),
      { class: "what" },
      t(["not_found", "outside_period", "unclear", "unsafe"].includes(reason) ? reason : "refused"),
    ),
    words("p", message, { lang: "en" }),
    better.length
      ? [h(chat.heading(3), { class: "why" }, t("better")), h("ul", { class: "suggestions" }, better)]
      : null,
    papers.length ? [h(chat.heading(3), { class: "why" }, t("nearest")), h("ul", { class: "nearest" }, papers)] : null,
    h(
      "button",
      { type: "button", class: "quiet", "data-name": "papers", onclick: () => chat.sources.openPapers() },
      icon("book"),
      t("papers"),
    ),
  );
}

/** A paper that comes near: to be read, or to be asked what it says. */
function nearestPaper(paper, chat) {
  const { t, papersLang } = chat;
  const { document_id: id, title } = paper;
  const question = chat.inPapersLang("what_says", { title });
  const ask = () => chat.askTurn(new Turn(question, { id, title }));
  const open = () => chat.sources.openPaper(paper);
  const read = { type: "button", class: "link", "data-name": `paper-${id}`, onclick: open };
  return h(
    "li",
    {},
    h("button", read, words("span", title, { lang: papersLang })),
    h(
      "div",
      { class: "muted" },
      line(facts(paper, t)),
      h(
        "button",
        { type: "button", class: "quiet", "aria-label": unturned(t("ask_what_named", { title })), onclick: ask },
        t("ask_what"),
      ),
    ),
  );
}

/** What else to ask: the same without its limits, and what the page suggests. */
function betterQuestions(turn, chat) {
  const { t } = chat;
  const { period, voice } = turn.understood ?? {};
  const limits = {
    period: period && periodOf(period, t),
    voice: voice && !chat.fixedVoice && t("said_by", { voice }),
  };
  const freed = Object.entries(limits)
    .filter(([, what]) => what)
    .map(([name, what]) => ({
      name: `free-${name}`,
      label: t("without", { what }),
      ask: () => chat.without(turn, name),
    }));
  const scope = turn.scope && { name: "free-scope", label: t("everywhere"), ask: () => chat.unscoped(turn) };
  const asked = chat.conversation.turns.map(({ question }) => question);
  const others = chat.suggestions.filter((question) => !asked.includes(question)).slice(0, 3);
  return [...freed, scope, ...others.map((label) => ({ label, ask: () => chat.askNew(label) }))].filter(Boolean);
}

export function again(turn, chat, said) {
  const { t } = chat;
  return h(
    "div",
    { class: "fault", part: "fault" },
    said && h("p", {}, said),
    h(
      "div",
      { class: "row" },
      h(
        "button",
        { type: "button", class: "plain", "data-name": "again", onclick: () => chat.retry(turn) },
        icon("again"),
        t("again"),
      ),
      h(
        "button",
        { type: "button", class: "quiet", "data-name": "edit", onclick: () => chat.composer.putBack(turn.question) },
        t("edit"),
      ),
    ),
  );
}

export function fault(turn, chat) {
  const { t } = chat;
  const { kind } = turn.fault;
  if (kind === "key") return keyForm(turn, chat);
  const box = again(turn, chat, "");
  box.prepend(
    h(chat.heading(2), { class: "what" }, t("fault")),
    words("p", faultText(turn.fault, t), { lang: kind === "told" ? "en" : null }),
  );
  return box;
}

/** A key is asked for where the service wants one; it is never part of a page. */
function keyForm(turn, chat) {
  const { t } = chat;
  const field = h("input", { type: "password", autocomplete: "off", required: true, "data-name": "key" });
  const use = (event) => {
    event.preventDefault();
    chat.useKey(field.value, turn);
  };
  return h(
    "form",
    { class: "fault key", onsubmit: use },
    h(chat.heading(2), { class: "what" }, t("needs_key")),
    h("div", { class: "row" }, h("label", {}, t("key"), field), h("button", { class: "plain" }, t("use_key"))),
    h("p", { class: "muted" }, t("key_kept")),
  );
}

export function actions(turn, chat) {
  const { t } = chat;
  const judge = (helpful, name, picture) =>
    h(
      "button",
      {
        type: "button",
        class: "quiet",
        "data-name": name,
        "aria-pressed": String(turn.judged === helpful),
        onclick: () => chat.judge(turn, helpful),
      },
      icon(picture),
      t(name),
    );
  const copies =
    turn.state === "answered" &&
    h(
      "button",
      { type: "button", class: "quiet", "data-name": "copy", onclick: () => chat.copy(turn) },
      icon("copy"),
      t("copy"),
    );
  return h(
    "div",
    { class: "actions", part: "actions" },
    h("div", { class: "row" }, copies, judge(true, "helpful", "yes"), judge(false, "not_helpful", "no")),
    turn.judged !== null && !turn.noted ? commentForm(turn, chat) : null,
    turn.note ? h("p", { class: "muted" }, turn.note) : null,
  );
}

function commentForm(turn, chat) {
  const { t } = chat;
  const typed = () => {
    turn.comment = field.value;
  };
  const field = h("textarea", { rows: "2", maxlength: "2000", "data-name": "comment", oninput: typed });
  field.value = turn.comment;
  const send = (event) => {
    event.preventDefault();
    chat.comment(turn, field.value);
  };
  return h(
    "form",
    { class: "comment", onsubmit: send },
    h("label", {}, t(turn.judged ? "comment_helpful" : "comment_not_helpful"), field),
    h("div", { class: "row" }, h("button", { class: "plain", "data-name": "comment_send" }, t("comment_send"))),
    h("p", { class: "muted" }, t("comment_privacy")),
  );
}

/** The notes as a list, for paper only: on a screen the numbers open them. */
export function footnotes(turn, { t, papersLang }) {
  const items = [...turn.citations.values()].map((citation) => {
    const [publisher, date] = [citation.publisher, dateOf(citation.published, t)];
    const where = line([publisher, citation.title, date, ...place(citation, t)]);
    return h("li", { value: citation.number }, where, ". ", words("q", citation.quote, { lang: papersLang }));
  });
  return h("ol", { class: "footnotes" }, items);
}
