// What is shown in the panel: the source of a citation, a paper, the list of papers; and where the focus goes then.

import { citationView, paperView } from "./panel.js";
import { papersView } from "./papers.js";

const TEXTS_KEPT = 8;

export class Sources {
  constructor(chat) {
    this.chat = chat;
    this.texts = new Map();
  }

  /** Open the source of a citation; `by` says that it was reached from the one before or after. */
  openCitation(turn, number, by = 0) {
    const { frame, panel } = this.chat;
    panel.show(citationView(turn, number, this.chat));
    this.#marked(turn, number);
    frame.fit();
    const citation = turn.citations.get(number);
    if (by) {
      panel.element.querySelector(`[data-step="${by}"]`)?.focus();
      frame.say(`${panel.heading.textContent}: ${citation.title}. ${citation.quote}`);
    } else panel.heading.focus();
  }

  /** Open a paper from its beginning, from a list of papers or from a refusal. */
  openPaper(paper, listed = false) {
    const { frame, panel, root } = this.chat;
    const from = root.activeElement;
    const back = listed ? this.list.back : () => from;
    this.#marked();
    panel.show({ ...paperView(paper, this.chat, listed), back });
    frame.fit();
    panel.heading.focus();
  }

  /** Open the list of papers; from a paper that was chosen there, go back to it. */
  openPapers() {
    const { frame, panel, root } = this.chat;
    const { view } = panel;
    const from = root.activeElement;
    if (!view?.listed) this.list = papersView(this.chat, () => from);
    this.#marked();
    panel.show(this.list);
    frame.fit();
    const chosen =
      view?.listed && panel.content.querySelector(`[data-name="paper-${CSS.escape(view.paper.document_id)}"]`);
    (chosen || panel.heading).focus();
  }

  close() {
    const { composer, frame, panel } = this.chat;
    const view = panel.close();
    this.#marked();
    frame.fit();
    const to = view?.back?.();
    (to?.isConnected && !to.closest("[hidden]") ? to : composer.field).focus({ preventScroll: true });
  }

  /** The button of a citation in its statement. */
  citeButton(turn, number) {
    return this.chat.views.get(turn)?.element.querySelector(`[data-cite="${Number(number)}"]`);
  }

  /** Only the citation whose source is open is the current one. */
  #marked(turn, number) {
    this.chat.log.querySelectorAll(".cite[aria-current]").forEach((button) => button.removeAttribute("aria-current"));
    if (turn) this.citeButton(turn, number)?.setAttribute("aria-current", "true");
  }

  /** The text of a paper, fetched once; only the last few are kept. */
  textOf(id) {
    const found = this.texts.get(id) ?? this.chat.service.text(id);
    this.texts.delete(id);
    this.texts.set(id, found);
    found.catch(() => this.texts.delete(id));
    if (this.texts.size > TEXTS_KEPT) this.texts.delete(this.texts.keys().next().value);
    return found;
  }
}
