import { z } from "zod";

const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const clock = "([01]\\d|2[0-3]):([0-5]\\d)";
const dailyForm = new RegExp(`^${clock}-${clock}$`);
const weeklyForm = new RegExp(`^(${days.join("|")}):${clock}-(${days.join("|")}):${clock}$`, "i");

const DAY = 24 * 60;
const WEEK = 7 * DAY;

/** A time of each day in UTC, e.g. "02:00-03:00". */
export const dailyWindow = z
  .string()
  .regex(dailyForm, "must satisfy the format of 'hh24:mi-hh24:mi'");

/** A time of each week in UTC, e.g. "sun:04:00-sun:05:00". */
export const weeklyWindow = z
  .string()
  .regex(weeklyForm, "must satisfy the format of 'ddd:hh24:mi-ddd:hh24:mi'");

/** Minutes; `from` counts from the beginning of Monday. */
interface Span {
  readonly from: number;
  readonly minutes: number;
}

function daySpan(text: string): Span {
  const [, h1, m1, h2, m2] = dailyForm.exec(text) ?? [];
  const from = Number(h1) * 60 + Number(m1);
  return { from, minutes: (Number(h2) * 60 + Number(m2) - from + DAY) % DAY };
}

function weekSpan(text: string): Span {
  const [, d1 = "", h1, m1, d2 = "", h2, m2] = weeklyForm.exec(text) ?? [];
  const at = (day: string, hour = "", minute = ""): number =>
    days.indexOf(day.toLowerCase()) * DAY + Number(hour) * 60 + Number(minute);
  const from = at(d1, h1, m1);
  return { from, minutes: (at(d2, h2, m2) - from + WEEK) % WEEK };
}

/** Why a daily and a weekly window do not go together, or are too short; undefined: they do. */
export function windowProblem(args: {
  readonly daily: unknown;
  readonly weekly: unknown;
  /** How messages call them. */
  readonly names: readonly [daily: string, weekly: string];
  readonly leastMinutes: number;
}): string | undefined {
  const { names, leastMinutes } = args;
  const daily = typeof args.daily === "string" ? daySpan(args.daily) : undefined;
  const weekly = typeof args.weekly === "string" ? weekSpan(args.weekly) : undefined;
  for (const [index, span] of [daily, weekly].entries()) {
    if (span && span.minutes < leastMinutes) {
      return `The ${names[index] ?? ""} window must be at least ${leastMinutes} minutes.`;
    }
  }
  if (!daily || !weekly) return undefined;
  // The day's window comes on each day, and the last one may reach into the next week.
  const meets = [...days, "mon"].some((_, day) => overlap(daily, day * DAY, weekly));
  return meets ? `The ${names[0]} window and ${names[1]} window must not overlap.` : undefined;
}

function overlap(daily: Span, midnight: number, weekly: Span): boolean {
  return [-WEEK, 0, WEEK].some((shift) => {
    const [a, b] = [midnight + daily.from + shift, weekly.from];
    return a < b + weekly.minutes && b < a + daily.minutes;
  });
}
