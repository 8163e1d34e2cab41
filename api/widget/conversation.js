// The conversation itself, without a word of how it looks: questions, what came back, and what is still on its way.

import { Fault } from "./service.js";

const TURNS_SENT = 20;
const LENGTH_SENT = 4000; // characters of each earlier answer

/** One question and what became of it. `state` is asking, answered, refused, stopped or fault. */
export class Turn {
  constructor(question, scope = null) {
    this.question = question;
    this.scope = scope; // the one paper that is asked, as { id, title }
    this.without = {}; // what was understood and taken off, as it was: { period, voice }
    this.begin();
  }

  begin() {
    Object.assign(this, {
      state: "asking",
      understood: null,
      answer: null,
      fault: null,
      judged: null,
      noted: false,
      note: "",
      comment: "",
    });
    Object.assign(this, { statements: [], citations: new Map(), told: "", settled: 0 });
  }

  /** Take in one event of the stream. */
  take(name, value) {
    if (name === "understood") this.understood = value;
    else if (name === "citation") this.citations.set(value.number, value);
    else if (name === "statement") {
      this.statements.push(value);
      const markers = value.citations.map((number) => `[${number}]`).join("");
      this.settled += `${value.text} ${markers} `.length;
    } else if (name === "delta") this.told += value.text;
    else if (name === "answer") this.finish(value);
  }

  /** The text told early that no statement covers yet: the deltas are the answer's text, which statements settle. */
  get draft() {
    return this.told.slice(this.settled);
  }

  finish(answer) {
    this.answer = answer;
    this.understood = answer.understood;
    this.statements = answer.statements;
    this.citations = new Map(answer.citations.map((citation) => [citation.number, citation]));
    this.told = "";
    this.state = answer.status === "refused" ? "refused" : "answered";
  }
}

export class Conversation {
  /** `changed(turn, name)` is called after every event: begin, those of the stream, end. */
  constructor() {
    this.turns = [];
    this.text = ""; // typed, not yet sent
    this.scope = null;
    this.key = "";
    this.running = null;
    this.changed = () => {};
  }

  /** Ask something new, or an earlier question again in its place. Resolves when there is nothing more to come. */
  async ask(turn, service, filters) {
    this.stop();
    const running = { turn, control: new AbortController() };
    this.running = running;
    if (!this.turns.includes(turn)) this.turns.push(turn);
    turn.begin();
    this.changed(turn, "begin");
    try {
      const scope = turn.scope && { documents: [turn.scope.id] };
      const question = {
        question: turn.question,
        history: this.#before(turn),
        without: Object.keys(turn.without),
        filters: { ...filters(), ...scope },
      };
      for await (const [name, value] of service.ask(question, running.control.signal)) {
        if (this.running !== running) return;
        turn.take(name, value);
        if (name !== "answer") this.changed(turn, name);
      }
    } catch (error) {
      if (this.running !== running) return;
      turn.state = "fault";
      turn.fault = error instanceof Fault ? error : new Fault("server");
    }
    this.running = null;
    this.changed(turn, "end");
  }

  /** Stop the question that is being answered; what has come of it stays. */
  stop() {
    const running = this.running;
    if (!running) return;
    this.running = null;
    running.control.abort();
    running.turn.state = "stopped";
    this.changed(running.turn, "end");
  }

  /** Forget everything but the key and what is being typed. */
  clear() {
    this.stop();
    this.turns = [];
    this.scope = null;
  }

  /** The earlier turns that were answered, as the service takes them. */
  #before(turn) {
    return this.turns
      .slice(0, this.turns.indexOf(turn))
      .filter(({ answer }) => answer)
      .slice(-TURNS_SENT)
      .map(({ question, answer }) => ({ question, answer: answer.answer.slice(0, LENGTH_SENT) }));
  }

  /** What is kept for the next page of the tab. */
  save() {
    const turns = this.turns.filter(({ answer }) => answer);
    return JSON.stringify({
      text: this.text,
      turns: turns.map(({ question, scope, without, answer, judged }) => ({
        question,
        scope,
        without,
        answer,
        judged,
      })),
    });
  }

  /** Bring back what `save` kept; what cannot be read is let go. */
  restore(saved) {
    try {
      const { text, turns } = JSON.parse(saved);
      this.turns = turns.map(({ question, scope, without, answer, judged }) => {
        const turn = Object.assign(new Turn(question, scope), { without });
        turn.finish(answer);
        return Object.assign(turn, { judged });
      });
      this.text = text;
    } catch {
      this.turns = [];
    }
  }
}
