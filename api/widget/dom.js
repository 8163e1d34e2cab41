// Elements are made here and nowhere else. What comes from the service becomes text nodes, never HTML.

/** An element with attributes, listeners (`onclick: f`) and children; what is null, undefined or false is left out. */
export function h(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** Words that somebody else wrote: their direction is their own and ends with them. */
export function words(name, text, attributes = {}) {
  return h(name, { dir: "auto", ...attributes }, String(text ?? ""));
}

/** Facts in a line, each in its own direction. */
export function line(facts) {
  return facts.filter(Boolean).map((fact, i) => [i ? " · " : "", words("span", fact)]);
}

const PATHS = {
  ask: "M4 5.5h16v11H10l-4.5 4v-4H4z M8 9.5h8 M8 12.5h5",
  book: "M12 6.5C10 5 7 4.7 4 5v13c3-.3 6 0 8 1.5 2-1.5 5-1.8 8-1.5V5c-3-.3-6 0-8 1.5z M12 6.5v13",
  plus: "M12 5v14 M5 12h14",
  more: "M4 12h2 M11 12h2 M18 12h2",
  close: "M6 6l12 12 M18 6L6 18",
  send: "M12 19V5 M6 11l6-6 6 6",
  stop: "M7 7h10v10H7z",
  back: "M15 5l-7 7 7 7",
  next: "M9 5l7 7-7 7",
  copy: "M9 9h11v11H9z M5 15H4V4h11v1",
  yes: "M8 11l3.5-7c1.6 0 2.3 1 2 2.6L13 10h6.2c.9 0 1.5.8 1.3 1.7l-1.5 7c-.2.8-.8 1.3-1.6 1.3H8z M8 11H4v9h4",
  no: "M16 13l-3.5 7c-1.6 0-2.3-1-2-2.6L11 14H4.8c-.9 0-1.5-.8-1.3-1.7l1.5-7C5.2 4.5 5.8 4 6.6 4H16z M16 13h4V4h-4",
  out: "M14 4h6v6 M20 4l-9 9 M18 14v6H4V6h6",
  down: "M12 4v11 M7 11l5 5 5-5 M5 20h14",
  print: "M7 8V4h10v4 M7 17H4V8h16v9h-3 M7 14h10v6H7z",
  again: "M19 12a7 7 0 1 1-2-5l2 2 M19 4v5h-5",
};

/** A picture beside words that say the same, so it is hidden from screen readers. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" })) {
    svg.setAttribute(key, value);
  }
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
