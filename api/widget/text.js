// Words for dates, places, numbers and faults, and the way from the service's offsets to JavaScript's.

const ALOUD = 1500; // characters of an answer that are read aloud

/** The UTF-16 offset of a code point: the service counts code points, JavaScript counts UTF-16 units. */
export function utf16(text, codePoints) {
  let unit = 0;
  for (let left = codePoints; left > 0 && unit < text.length; left -= 1) {
    unit += text.codePointAt(unit) > 0xffff ? 2 : 1;
  }
  return unit;
}

/**
 * `t("source_of", { n: 1, total: 3 })`: a string of the language. One with several forms has them by number ("1", "2")
 * or by plural category ("few"); browsers do not know the categories of every language.
 */
export function translator(strings, lang) {
  const rules = new Intl.PluralRules(lang);
  return (key, values = {}) => {
    const found = strings[key];
    if (found === undefined) throw new Error(`There is no string ${key} in ${lang}.`);
    const form = typeof found === "string" ? found : (found[values.n] ?? found[rules.select(values.n)] ?? found.other);
    return form.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
  };
}

/** "8 July 2021", "July 2021" or "2021", as precise as what the service knows; what is no date stays as it is. */
export function dateOf(published, t) {
  const [, year, month, day] = /^(\d{4})-(\d\d)(?:-(\d\d))?$/.exec(published ?? "") ?? [];
  if (!month) return published ?? "";
  return [day && Number(day), t("months", { n: Number(month) - 1 }), year].filter(Boolean).join(" ");
}

/** A span of days as a person writes it: "2021", "August 2020", "since 1 April 2022", "2019 – 2021". */
export function periodOf({ from, to }, t) {
  if (!from) return t("until", { date: dateOf(to, t) });
  if (!to) return t("since", { date: dateOf(from.endsWith("-01-01") ? from.slice(0, 4) : from, t) });
  const whole = (length, first, last) => from.slice(length) === first && to.slice(length) === last;
  const size = whole(4, "-01-01", "-12-31") ? 4 : from.endsWith("-01") && isLastDay(to) ? 7 : 10;
  const [start, end] = [from, to].map((day) => dateOf(day.slice(0, size), t));
  return start === end ? start : `${start} – ${end}`;
}

function isLastDay(day) {
  const next = new Date(`${day}T00:00:00Z`);
  next.setUTCDate(next.getUTCDate() + 1);
  return next.getUTCDate() === 1;
}

/** Who published a paper and when: the facts that are known, in order. */
export function facts(paper, t) {
  return [paper.publisher, dateOf(paper.published, t) || t("no_date")].filter(Boolean);
}

/** Where in its paper a citation stands: the facts that are known, in order. */
export function place(citation, t) {
  const { page, paragraph, heading } = citation;
  return [page && t("page", { n: page }), paragraph && t("paragraph", { n: paragraph }), heading].filter(Boolean);
}

const fold = (text) =>
  text
    .replace(/\[(\d+)\]/g, "($1)")
    .replace(/\s+/g, " ")
    .trim();

/** Whether a statement is nothing but the words of its first citation. */
export function isVerbatim(statement, citations) {
  const quote = citations.get(statement.citations[0])?.quote;
  return quote !== undefined && fold(quote).endsWith(fold(statement.text));
}

/** Without the characters that turn the direction of the words after them: for text that leaves the page. */
export function unturned(text) {
  return text.replace(/[\u202a-\u202e\u2066-\u2069]/g, "");
}

/** What went wrong, in a sentence. */
export function faultText({ kind, detail, values }, t) {
  if (kind === "told") return detail;
  return kind === "key" ? t("needs_key") : t(`fault_${kind}`, { ...values, detail });
}

/** What became of a question, as it is read aloud. */
export function spoken(turn, t) {
  if (turn.state === "stopped") return t("stopped");
  if (turn.state === "fault") return `${t("fault")}. ${faultText(turn.fault, t)}`;
  if (turn.state === "refused") return `${t("refused")}. ${turn.answer.refusal.message}`;
  const text = turn.statements.map((statement) => statement.text).join(" ");
  return `${t("answer")}: ${shortened(text, ALOUD, t("more_in_window"))} ${t("cited", { n: turn.citations.size })}.`;
}

/** At most `most` characters, ending after a sentence where there is one. */
function shortened(text, most, rest) {
  if (text.length <= most) return text;
  const cut = text.slice(0, most);
  const end = Math.max(cut.lastIndexOf(". "), cut.lastIndexOf("! "), cut.lastIndexOf("? "));
  return `${end > most / 2 ? cut.slice(0, end + 1) : `${cut}…`} ${rest}`;
}
