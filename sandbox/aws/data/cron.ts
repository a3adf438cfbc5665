/** A field's numbers, and the words that stand for them. */
interface Field {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  readonly words?: readonly string[];
  /** Signs beyond those that all have, e.g. "?" and "L". */
  readonly more?: RegExp;
}

const months = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(" ");
const weekDays = "SUN MON TUE WED THU FRI SAT".split(" ");

const fields: readonly Field[] = [
  { name: "minutes", low: 0, high: 59 },
  { name: "hours", low: 0, high: 23 },
  { name: "day of month", low: 1, high: 31, more: /^(\?|L|LW|\d{1,2}W)$/ },
  { name: "month", low: 1, high: 12, words: months },
  {
    name: "day of week",
    low: 1,
    high: 7,
    words: weekDays,
    more: /^(\?|L|\w{1,3}L|\w{1,3}#[1-5])$/,
  },
  { name: "year", low: 1970, high: 2199 },
];

/** Why AWS does not take a schedule, e.g. `cron(0 5 ? * SUN *)`; undefined where it does. */
export function cronProblem(schedule: string): string | undefined {
  const [, inside] = /^cron\((.*)\)$/.exec(schedule) ?? [];
  if (inside === undefined) return "it is no cron(…) expression";
  const parts = inside.trim().split(/\s+/);
  if (parts.length !== fields.length) {
    return `it takes ${fields.length} fields (${fields.map(({ name }) => name).join(", ")}), got ${parts.length}`;
  }
  const wrong = fields.find((field, index) => !takes(field, parts[index] ?? ""));
  if (wrong) return `its ${wrong.name} cannot be "${parts[fields.indexOf(wrong)] ?? ""}"`;
  const [, , dayOfMonth, , dayOfWeek] = parts;
  if ((dayOfMonth === "?") === (dayOfWeek === "?")) {
    return "one of its day of month and day of week has to be a question mark, and not both";
  }
  return undefined;
}

function takes(field: Field, text: string): boolean {
  return text.split(",").every((part) => {
    if (field.more?.test(part) === true) return true;
    const [range = "", step, ...rest] = part.split("/");
    if (rest.length > 0 || (step !== undefined && !/^[1-9]\d*$/.test(step))) return false;
    if (range === "*") return true;
    const ends = range.split("-").map((end) => numberOf(field, end));
    const [from, to = from] = ends;
    if (ends.length > 2 || from === undefined || to === undefined) return false;
    return ends.every((end) => end !== undefined) && from <= to;
  });
}

function numberOf({ low, high, words = [] }: Field, text: string): number | undefined {
  const word = words.indexOf(text.toUpperCase());
  if (word >= 0) return word + low;
  const number = Number(text);
  return /^\d+$/.test(text) && number >= low && number <= high ? number : undefined;
}
