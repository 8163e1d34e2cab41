// A bare page to ask on. Everything that comes from the service is shown as text, never as HTML.

const at = (id) => document.getElementById(id);

function element(name, text, ...children) {
  const made = document.createElement(name);
  made.textContent = text;
  made.append(...children);
  return made;
}

function link(text, href) {
  const made = element("a", text);
  made.href = href;
  return made;
}

function statement({ text, citations }) {
  const paragraph = element("p", text);
  for (const number of citations) paragraph.append(" ", link(`[${number}]`, `#source-${number}`));
  return paragraph;
}

function source(citation) {
  const { number, title, publisher, published, page, quote, url, file } = citation;
  const facts = [title, publisher, published, page && `page ${page}`].filter(Boolean).join(", ");
  const item = element("li", `${facts} `, element("blockquote", quote));
  item.id = `source-${number}`;
  // A link carries no key, so with one the words are shown but not linked to.
  if (!at("key").value) item.append(link(`Read it in ${file ? "the original" : "the text"}`, (file ?? url).slice(1)));
  return item;
}

function show(answer) {
  const refusal = answer.refusal;
  at("statements").replaceChildren(...answer.statements.map(statement));
  if (refusal) {
    at("statements").replaceChildren(element("p", refusal.message));
    const papers = refusal.nearest.map((paper) => element("li", [paper.title, paper.published].filter(Boolean).join(", ")));
    at("sources").replaceChildren(...(papers.length ? [element("h3", "Nearest papers"), element("ul", "", ...papers)] : []));
  } else {
    const list = element("ol", "", ...answer.citations.map(source));
    at("sources").replaceChildren(element("h3", "Sources"), list);
  }
  at("answer").hidden = false;
  at("status").textContent = refusal
    ? "The documents give no answer."
    : `Answered, with ${answer.citations.length} quoted ${answer.citations.length === 1 ? "passage" : "passages"}.`;
}

async function ask(question) {
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  if (at("key").value) headers.Authorization = `Bearer ${at("key").value}`;
  const response = await fetch("v1/ask", { method: "POST", headers, body: JSON.stringify({ question }) });
  const body = await response.json();
  if (response.status === 401) at("key-field").hidden = false;
  if (!response.ok) throw new Error(body.detail);
  return body;
}

let latest = 0;

at("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  latest += 1;
  const mine = latest;
  at("answer").hidden = true;
  at("status").textContent = "Looking through the documents…";
  try {
    const answer = await ask(at("question").value);
    if (mine === latest) show(answer);
  } catch (error) {
    if (mine === latest) at("status").textContent = `That did not work. ${error.message}`;
  }
});
