// The chat: what is asked and shown, turn by turn. Its frame, its sources and what follows an answer stand beside it.

import { conversationAsText, copy, download, print } from "./take.js";
import { Composer } from "./composer.js";
import { Frame } from "./frame.js";
import { Header } from "./header.js";
import { Panel } from "./panel.js";
import { Sources } from "./sources.js";
import { Turn } from "./conversation.js";
import { TurnView } from "./answer.js";
import { h } from "./dom.js";
import { spoken } from "./text.js";
import { welcome } from "./papers.js";

export class Chat {
  /** `options` are what the element's attributes say; `conversation` outlives this view of it. */
  constructor(root, conversation, options) {
    Object.assign(this, options);
    const { t } = this;
    this.root = root;
    this.conversation = conversation;
    this.views = new Map();
    this.header = new Header(this);
    this.composer = new Composer(this, { send: (text) => this.askNew(text), stop: () => this.#stop() });
    this.log = h("div", { class: "log", part: "log", role: "region", tabindex: "0", "aria-label": t("conversation") });
    this.panel = new Panel(this);
    this.sources = new Sources(this);
    this.frame = new Frame(this);
    conversation.changed = (turn, name) => this.#changed(turn, name);
    for (const turn of conversation.turns) this.#view(turn);
    this.#filled();
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

  // ------------------------------------------------------------------ what is shown

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
    this.frame.shell.classList.toggle("empty", empty);
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
      if (!known) this.frame.scrollTo(view.element);
      this.frame.say(this.t("searching"));
    }
    if (name === "end") {
      this.frame.say(spoken(turn, this.t));
      this.saved();
    }
  }

  // ------------------------------------------------------------------ asking

  /** Ask a question that somebody typed or chose. */
  askNew(text) {
    if (this.panel.view && !this.frame.beside) this.sources.close();
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
    if (this.panel.view?.turn === turn) this.sources.close();
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
    if (this.panel.view) this.sources.close();
    this.#filled();
    this.saved();
    this.frame.say(this.t("new_done"));
    this.composer.focus();
  }

  /** Ask in one paper only from now on. */
  askIn({ id, title }) {
    this.scopeTo({ id, title });
    if (!this.frame.beside) this.sources.close();
    this.composer.focus();
  }

  scopeTo(paper) {
    this.conversation.scope = paper;
    this.composer.refresh();
  }

  // ------------------------------------------------------------------ taking away, feedback

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
    if (form) this.frame.reveal(form);
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
    if (text) this.frame.say(text);
  }
}
