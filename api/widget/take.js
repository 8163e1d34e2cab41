// What people take away: an answer with its footnotes as rich and as plain text, the conversation as a file or on paper.

import { h } from "./dom.js";
import { dateOf, isVerbatim, place, unturned } from "./text.js";

/** A footnote in words: who, what, when, where, the quote, and where to find the original. */
function footnote(citation, { t, service }) {
  const facts = [citation.publisher, citation.title, dateOf(citation.published, t), ...place(citation, t)];
  return {
    facts: facts.filter(Boolean).join(", "),
    quote: t("quote", { text: citation.quote.replace(/\s+/g, " ").trim() }),
    link: service.original(citation.document_id, citation.file && citation.page),
  };
}

/** The statements as they are shown: quoted words in quotation marks, each with its numbers. */
function said(turn, { t }) {
  return turn.statements.map((statement) => ({
    text: isVerbatim(statement, turn.citations) ? t("quote", { text: statement.text }) : statement.text,
    numbers: statement.citations,
  }));
}

/** The answer as plain text, fit for a mail. */
export function asText(turn, chat) {
  if (turn.state === "refused") return unturned(turn.answer.refusal.message);
  const answer = said(turn, chat).map(({ text, numbers }) => `${text} ${numbers.map((n) => `[${n}]`).join("")}`);
  const notes = [...turn.citations.values()].map((citation) => {
    const { facts, quote, link } = footnote(citation, chat);
    return `[${citation.number}] ${facts}. ${quote}\n    ${link}`;
  });
  return unturned([answer.join("\n\n"), chat.t("sources"), notes.join("\n")].join("\n\n"));
}

/** The answer as elements that carry their meaning without a style sheet, fit for a report. */
export function asElements(turn, chat) {
  if (turn.state === "refused") return [h("p", {}, unturned(turn.answer.refusal.message))];
  const answer = said(turn, chat).map(({ text, numbers }) =>
    h("p", {}, unturned(text), " ", h("sup", {}, numbers.map((n) => `[${n}]`).join(""))),
  );
  const notes = [...turn.citations.values()].map((citation) => {
    const { facts, quote, link } = footnote(citation, chat);
    return h("li", { value: citation.number }, unturned(`${facts}. ${quote} `), h("a", { href: link }, link));
  });
  return [...answer, h("p", {}, h("strong", {}, chat.t("sources"))), h("ol", {}, notes)];
}

/** Put an answer on the clipboard, as rich and as plain text. Rejects when the browser does not allow it. */
export async function copy(turn, chat) {
  const plain = asText(turn, chat);
  const rich = new XMLSerializer().serializeToString(h("div", {}, asElements(turn, chat)));
  const kinds = { "text/plain": plain, "text/html": rich };
  if (window.isSecureContext && navigator.clipboard?.write) {
    const blobs = Object.entries(kinds).map(([type, text]) => [type, new Blob([text], { type })]);
    try {
      await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(blobs))]);
      return;
    } catch {
      // Not allowed in this frame; the old command may be.
    }
  }
  // An intranet without TLS has no clipboard object, but the old command still works.
  const write = (event) => {
    for (const [type, text] of Object.entries(kinds)) event.clipboardData.setData(type, text);
    event.preventDefault();
  };
  document.addEventListener("copy", write);
  try {
    if (!document.execCommand("copy")) throw new Error("not allowed");
  } finally {
    document.removeEventListener("copy", write);
  }
}

/** The whole conversation as plain text. */
export function conversationAsText(turns, chat) {
  const done = turns.filter(({ answer }) => answer);
  const parts = done.map((turn) => `${turn.question}\n${"=".repeat(20)}\n\n${asText(turn, chat)}`);
  return [chat.title, chat.t("saved_on", { date: today(chat) }), ...parts].join("\n\n\n").concat("\n");
}

/** Hand a file to the browser's downloads. */
export function download(blob, name) {
  const url = URL.createObjectURL(blob);
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

const PRINT = `body{font:12pt/1.5 Georgia,serif;margin:0}h1{font-size:16pt}h2{font-size:13pt;margin-top:2em;break-after:avoid}
p,li{overflow-wrap:anywhere;unicode-bidi:plaintext}ol{font-size:10pt;padding-left:2em}a{color:inherit}sup{font-size:8pt}`;

/** Print the conversation and nothing of the page around it. */
export function print(turns, chat) {
  const frame = h("iframe", { class: "unseen", "aria-hidden": "true", tabindex: "-1" });
  chat.root.append(frame);
  const view = frame.contentWindow;
  const sheet = new view.CSSStyleSheet();
  sheet.replaceSync(PRINT);
  view.document.adoptedStyleSheets = [sheet];
  view.document.documentElement.lang = chat.lang;
  view.document.title = chat.title;
  const done = turns.filter(({ answer }) => answer);
  const parts = done.flatMap((turn) => [h("h2", {}, unturned(turn.question)), ...asElements(turn, chat)]);
  view.document.body.append(h("h1", {}, chat.title), h("p", {}, chat.t("saved_on", { date: today(chat) })), ...parts);
  view.addEventListener("afterprint", () => setTimeout(() => frame.remove()));
  view.focus();
  view.print();
}

function today({ t }) {
  const now = new Date();
  const [month, day] = [now.getMonth() + 1, now.getDate()].map((number) => String(number).padStart(2, "0"));
  return dateOf(`${now.getFullYear()}-${month}-${day}`, t);
}
