// The HTTP service: questions as streams of events, the papers, and feedback.

const SILENCE = 60_000; // milliseconds; the service sends a comment every 15 seconds

/** What went wrong, as `kind`: network, lost, slow, busy, key, server, page, or refused with the service's `detail`. */
export class Fault extends Error {
  constructor(kind, detail = "", values = {}) {
    super(detail || kind);
    Object.assign(this, { kind, detail, values });
  }
}

/** Server-sent events of a byte stream (WHATWG HTML, 9.2.6) as `[name, data]`; what is cut off at the end is dropped. */
export async function* readEvents(stream, heard = () => {}) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let [pending, name, data] = ["", "message", []];
  try {
    for (;;) {
      const { done, value } = await reader.read();
      heard();
      // A carriage return at the end may be half of a line end, so it waits for what follows.
      if (done && !pending.endsWith("\r")) return;
      pending += done ? "\n" : value;
      const lines = pending.split(/\r\n|\n|\r(?!$)/);
      pending = lines.pop();
      for (const line of lines) {
        if (line === "") {
          if (data.length) yield [name, data.join("\n")];
          [name, data] = ["message", []];
          continue;
        }
        const [, field, content] = /^([^:]*)(?:: ?(.*))?$/s.exec(line);
        if (field === "event") name = content ?? "";
        else if (field === "data") data.push(content ?? "");
      }
      if (done) return;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

export class Service {
  /** `base` is the folder of the service's routes; `key` is sent as a Bearer key when there is one. */
  constructor(base, key = "") {
    this.base = base;
    this.key = key;
  }

  /** The events of one question, each `[name, value]`; the last is `answer`. Throws `Fault`. */
  async *ask(question, signal) {
    const watch = new AbortController();
    let timer;
    const heard = () => {
      clearTimeout(timer);
      timer = setTimeout(() => watch.abort(), SILENCE);
    };
    const failed = () => new Fault(watch.signal.aborted ? "slow" : "lost");
    heard();
    try {
      const body = JSON.stringify({ ...question, stream: true });
      const both = AbortSignal.any([signal, watch.signal]);
      const response = await this.#fetch("v1/ask", { method: "POST", body, signal: both }, "text/event-stream", failed);
      if (!/^text\/event-stream\b/.test(response.headers.get("Content-Type") ?? "")) throw new Fault("server");
      for await (const [name, data] of readEvents(response.body, heard)) {
        const value = JSON.parse(data);
        if (name === "error") throw problemFault(value, response);
        yield [name, value];
        if (name === "answer") return;
      }
      throw failed();
    } catch (error) {
      if (error instanceof Fault || signal.aborted) throw error;
      throw error instanceof SyntaxError ? new Fault("server") : failed();
    } finally {
      clearTimeout(timer);
      watch.abort();
    }
  }

  /** One page of the papers: `{ items, total, next }`. Throws `Fault`. */
  async documents(query, cursor, signal) {
    const search = new URLSearchParams({ limit: "50", ...(query && { q: query }), ...(cursor && { cursor }) });
    return (await this.#fetch(`v1/documents?${search}`, { signal })).json();
  }

  /** What is known of one paper. Throws `Fault`. */
  async document(id) {
    return (await this.#fetch(`v1/documents/${encodeURIComponent(id)}`)).json();
  }

  /** The text that citations point into. Throws `Fault`. */
  async text(id) {
    return (await this.#fetch(`v1/documents/${encodeURIComponent(id)}/text`, {}, "text/plain")).text();
  }

  /** The original's address; made from the id alone, so that no link of a response is ever followed. */
  original(id, page) {
    return new URL(`v1/documents/${encodeURIComponent(id)}/file${page ? `#page=${Number(page)}` : ""}`, this.base).href;
  }

  /** The original's bytes, for when a key is needed, which a link cannot carry. Throws `Fault`. */
  async file(id) {
    return (await this.#fetch(`v1/documents/${encodeURIComponent(id)}/file`, {}, "*/*")).blob();
  }

  /** Say whether an answer helped. Throws `Fault`. */
  async judge(answerId, helpful, comment) {
    await this.#fetch("v1/feedback", {
      method: "POST",
      body: JSON.stringify({ answer_id: answerId, helpful, comment }),
    });
  }

  async #fetch(path, options = {}, accept = "application/json", failed = () => new Fault("network")) {
    const headers = { Accept: accept };
    if (options.body) headers["Content-Type"] = "application/json";
    if (this.key) headers.Authorization = `Bearer ${this.key}`;
    let response;
    try {
      response = await fetch(new URL(path, this.base), { ...options, headers, credentials: "same-origin" });
    } catch (error) {
      if (options.signal?.aborted) throw failed();
      throw new Fault("network", error.message);
    }
    if (response.ok) return response;
    throw problemFault(await response.json().catch(() => ({})), response);
  }
}

/** A problem object (RFC 9457) as a `Fault`. */
function problemFault(problem, response) {
  const status = problem.status ?? response.status;
  const wait = Number(response.headers.get("Retry-After")) || 5;
  if (status === 401) return new Fault("key");
  if (status === 429 || status === 503) return new Fault("busy", problem.detail, { n: wait });
  if (status >= 500 || !problem.detail) return new Fault("server", "", { status });
  return new Fault("told", String(problem.detail), { status });
}
