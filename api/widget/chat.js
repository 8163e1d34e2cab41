// The chat as people see it: its frame, what its buttons do, where the focus goes and what is read aloud.

import { Panel, citationView, paperView } from "./panel.js";
import { conversationAsText, copy, download, print } from "./take.js";
import { h, icon } from "./dom.js";
import { papersView, welcome } from "./papers.js";
import { spoken, unturned } from "./text.js";
import { Composer } from "./composer.js";
import { Header } from "./header.js";
import { Turn } from "./conversation.js";
import { TurnView } from "./answer.js";

const TEXTS_KEPT = 8;

const scrolls = (box) => box.scrollHeight > box.clientHeight + 1 && /auto|scroll/.test(getComputedStyle(box).overflowY);

export class Chat {
  /** `options` are what the element's attributes say; `conversation` outlives this view of it. */
  constructor(root, conversation, options) {
    Object.assign(this, options);
    this.root = root;
    this.conversation = conversation;
    this.views = new Map();
    this.texts = new Map();
    this.panel = new Panel(this);
    this.#build();
    conversation.changed = (turn, name) => this.#changed(turn, name);
    for (const turn of conversation.turns) this.#view(turn);
    this.#filled();
    this.small.addEventListener("change", () => this.#reopened());
  }

  /** The name of a heading so many levels below the title, which is the first of a page of its own. */
  heading(below) {
    return `h${(this.mode === "page" ? 1 : 2) + below}`;
  }

  /** Whether the page itself says whose words are wanted. */
  get fixedVoice() {
    try {
      return Boolean(this.filters().voice);
    } catch {
      return false; // that the filters cannot be read is said when a question is asked
    }
  }

  #build() {
    const { t, mode } = this;
    const docked = mode === "docked";
    this.status = h("div", { class: "unseen", role: "status" });
    this.header = new Header(this);
    this.composer = new Composer(this, { send: (text) => this.askNew(text), stop: () => this.#stop() });
    this.log = h("div", { class: "log", part: "log", role: "region", tabindex: "0", "aria-label": t("conversation") });
    this.main = h("div", { class: "main" }, this.header.element, this.log, this.composer.element);
    const frame = {
      class: `shell ${mode}`,
      part: "window",
      "aria-labelledby": "title",
      onkeydown: (event) => this.#key(event),
      oncancel: (event) => event.preventDefault(), // Escape closes one thing after the other
    };
    this.shell = h(docked ? "dialog" : "section", frame, this.main, this.panel.element, this.status);
    const launch = {
      type: "button",
      class: "launcher",
      part: "launcher",
      "aria-haspopup": "dialog",
      onclick: () => this.show(),
    };
    this.launcher = docked && h("button", launch, icon("ask"), h("span", {}, this.title));
    this.root.replaceChildren(...(docked ? [this.launcher] : []), this.shell);
    new ResizeObserver(() => this.#fit()).observe(this.shell);
  }

  // ------------------------------------------------------------------ what is shown

  /** Open the docked chat and put the cursor into the question. */
  show() {
    if (this.mode !== "docked") return this.composer.focus();
    if (!this.shell.open) {
      this.#open();
      this.launcher.hidden = true;
      this.opened(true);
    }
    this.#fit();
    this.composer.typed();
    this.composer.focus();
  }

  /** Where it covers the whole window, nothing behind it can be reached. */
  #open() {
    if (this.small.matches) this.shell.showModal();
    else this.shell.show();
  }

  /** The window became small or large while the chat was open. */
  #reopened() {
    if (!this.shell.isConnected || !this.shell.open) return;
    const focused = this.root.activeElement;
    this.shell.close();
    this.#open();
    focused?.focus();
  }

  /** Close the docked chat; the focus returns to the button that opens it. */
  hide() {
    if (!this.shell.open) return;
    const inside = this.shell.contains(this.root.activeElement);
    this.shell.close();
    this.launcher.hidden = false;
    this.opened(false);
    if (inside) this.launcher.focus();
  }

  /** Say something once to people who listen to the page. */
  say(text) {
    clearTimeout(this.quiet);
    this.status.textContent = unturned(text);
    // Left there, it would be met a second time by whoever reads the page from top to bottom.
    this.quiet = setTimeout(() => this.status.replaceChildren(), 20_000);
  }

  /** Scroll `element` to the upper third of what scrolls around it, and move nothing else of the page. */
  bringIntoSight(element, inner) {
    const box = [inner, this.panel.element, this.shell].find(scrolls);
    if (!box) return;
    const by = element.getBoundingClientRect().top - box.getBoundingClientRect().top - box.clientHeight / 4;
    box.scrollTop += by;
  }

  #view(turn) {
    const view = new TurnView(this, turn);
    this.views.set(turn, view);
    this.log.append(view.element);
    return view;
  }

  /** The greeting, while nothing was asked. */
  #filled() {
    const empty = !this.conversation.turns.length;
    this.log.querySelector(".welcome")?.remove();
    this.shell.classList.toggle("empty", empty);
    if (empty) this.log.append(welcome(this));
    this.composer.typed();
    this.composer.refresh();
  }

  #changed(turn, name) {
    const known = this.views.get(turn);
    const view = known ?? this.#view(turn);
    view.changed(name);
    this.composer.refresh();
    if (name === "begin") {
      this.#filled();
      if (!known) this.#scrollTo(view.element);
      this.say(this.t("searching"));
    }
    if (name === "end") {
      this.say(spoken(turn, this.t));
      this.saved();
    }
  }

  /** Scroll only as far as it takes to see the end of an element. */
  #reveal(element) {
    const box = [this.log, this.shell].find(scrolls);
    const below = box && element.getBoundingClientRect().bottom - box.getBoundingClientRect().bottom + 8;
    if (below > 0) box.scrollTop += below;
  }

  #scrollTo(element) {
    const box = [this.log, this.shell].find(scrolls);
    if (!box) return;
    const top = box.scrollTop + element.getBoundingClientRect().top - box.getBoundingClientRect().top - 8;
    box.scrollTo({ top, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  }

  // ------------------------------------------------------------------ asking

  /** Ask a question that somebody typed or chose. */
  askNew(text) {
    if (this.panel.view && !this.beside) this.closePanel();
    this.askTurn(new Turn(text, this.conversation.scope));
    this.composer.focus();
  }

  /** Ask a question that is new, or one of before in its place. */
  askTurn(turn) {
    return this.conversation.ask(turn, this.service, () => this.filters());
  }

  /** Ask again without something that was understood. */
  without(turn, name) {
    turn.without = { ...turn.without, [name]: turn.understood[name] };
    this.#again(turn);
  }

  putBack(turn, name) {
    delete turn.without[name];
    this.#again(turn);
  }

  retry(turn) {
    this.#again(turn);
    this.composer.focus();
  }

  #again(turn) {
    if (this.panel.view?.turn === turn) this.closePanel();
    this.askTurn(turn);
  }

  useKey(key, turn) {
    this.conversation.key = key;
    this.service.key = key;
    this.retry(turn);
  }

  /** Ask in all papers again. */
  unscoped(turn) {
    turn.scope = null;
    this.scopeTo(null);
    this.#again(turn);
  }

  #stop() {
    this.conversation.stop();
    this.composer.focus();
  }

  /** Begin a new conversation. */
  startAnew() {
    this.conversation.clear();
    for (const view of this.views.values()) view.element.remove();
    this.views.clear();
    if (this.panel.view) this.closePanel();
    this.#filled();
    this.saved();
    this.say(this.t("new_done"));
    this.composer.focus();
  }

  /** Ask in one paper only from now on. */
  askIn({ id, title }) {
    this.scopeTo({ id, title });
    if (!this.beside) this.closePanel();
    this.composer.focus();
  }

  scopeTo(paper) {
    this.conversation.scope = paper;
    this.composer.refresh();
  }

  // ------------------------------------------------------------------ sources

  /** The button of a citation in its statement. */
  citeButton(turn, number) {
    return this.views.get(turn)?.element.querySelector(`[data-cite="${Number(number)}"]`);
  }

  /** Open the source of a citation; `by` says that it was reached from the one before or after. */
  openCitation(turn, number, by = 0) {
    this.panel.show(citationView(turn, number, this));
    this.#marked(turn, number);
    this.#fit();
    const citation = turn.citations.get(number);
    if (by) {
      this.panel.element.querySelector(`[data-step="${by}"]`)?.focus();
      this.say(`${this.panel.heading.textContent}: ${citation.title}. ${citation.quote}`);
    } else this.panel.heading.focus();
  }

  /** Open a paper from its beginning, from a list of papers or from a refusal. */
  openPaper(paper, listed = false) {
    const from = this.root.activeElement;
    const back = listed ? this.list.back : () => from;
    this.#marked();
    this.panel.show({ ...paperView(paper, this, listed), back });
    this.#fit();
    this.panel.heading.focus();
  }

  /** Open the list of papers; from a paper that was chosen there, go back to it. */
  openPapers() {
    const { view } = this.panel;
    const from = this.root.activeElement;
    if (!view?.listed) this.list = papersView(this, () => from);
    this.#marked();
    this.panel.show(this.list);
    this.#fit();
    const chosen =
      view?.listed && this.panel.content.querySelector(`[data-name="paper-${CSS.escape(view.paper.document_id)}"]`);
    (chosen || this.panel.heading).focus();
  }

  closePanel() {
    const view = this.panel.close();
    this.#marked();
    this.#fit();
    const to = view?.back?.();
    (to?.isConnected && !to.closest("[hidden]") ? to : this.composer.field).focus({ preventScroll: true });
  }

  /** Only the citation whose source is open is the current one. */
  #marked(turn, number) {
    this.log.querySelectorAll(".cite[aria-current]").forEach((button) => button.removeAttribute("aria-current"));
    if (turn) this.citeButton(turn, number)?.setAttribute("aria-current", "true");
  }

  /** The text of a paper, fetched once; only the last few are kept. */
  textOf(id) {
    const found = this.texts.get(id) ?? this.service.text(id);
    this.texts.delete(id);
    this.texts.set(id, found);
    found.catch(() => this.texts.delete(id));
    if (this.texts.size > TEXTS_KEPT) this.texts.delete(this.texts.keys().next().value);
    return found;
  }

  /** Put the panel beside the conversation where there is room, otherwise over it. */
  #fit() {
    const em = parseFloat(getComputedStyle(this.shell).fontSize);
    const room = this.mode === "docked" ? window.innerWidth - 2 * em : this.shell.clientWidth;
    this.beside = room >= 56 * em;
    const open = Boolean(this.panel.view);
    this.shell.classList.toggle("open-panel", open);
    this.shell.classList.toggle("beside", this.beside);
    this.main.inert = open && !this.beside;
  }

  // ------------------------------------------------------------------ keys, taking away, feedback

  #key(event) {
    if (event.key !== "Escape" || event.isComposing || event.defaultPrevented) return;
    event.preventDefault();
    if (this.header.toggle(false)) return;
    if (this.panel.view) this.closePanel();
    else if (this.mode === "docked") this.hide();
  }

  download() {
    const blob = new Blob([conversationAsText(this.conversation.turns, this)], { type: "text/plain;charset=utf-8" });
    download(blob, `${this.t("file_name")}.txt`);
  }

  print() {
    print(this.conversation.turns, this);
  }

  async copy(turn) {
    let done = "copied";
    try {
      await copy(turn, this);
    } catch {
      done = "copy_failed";
    }
    this.#note(turn, this.t(done));
  }

  /** Send what somebody thinks of an answer at once; a comment may follow. */
  async judge(turn, helpful) {
    const before = turn.judged;
    Object.assign(turn, { judged: helpful, noted: false });
    if (!(await this.#judged(turn, ""))) turn.judged = before;
    const view = this.views.get(turn);
    view?.changed("note");
    const form = view?.element.querySelector(".comment");
    if (form) this.#reveal(form);
    this.saved();
  }

  async comment(turn, text) {
    turn.noted = await this.#judged(turn, text.trim());
    this.views.get(turn)?.changed("note");
  }

  async #judged(turn, comment) {
    const sent = this.service.judge(turn.answer.id, turn.judged, comment);
    this.#note(turn, "");
    const done = await sent.then(
      () => true,
      () => false,
    );
    this.#note(turn, this.t(done ? "thanks" : "feedback_failed"));
    return done;
  }

  /** A word below an answer, shown and said. */
  #note(turn, text) {
    turn.note = text;
    this.views.get(turn)?.changed("note");
    if (text) this.say(text);
  }
}
