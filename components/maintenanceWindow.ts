/** Days as settings name them, in the order of a week. */
const days = [
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
  "sunday",
] as const;
export type WeekDay = (typeof days)[number];

/** The hour in which a provider may maintain what it runs. */
export interface Maintenance {
  readonly day: WeekDay;
  /** 0 to 23. */
  readonly hourUtc: number;
}

/** The hour so many hours after another one of a day; before it where they are negative. */
export function hourAfter(hourUtc: number, hours: number): number {
  return (((hourUtc + hours) % 24) + 24) % 24;
}

/** An hour of each day, as AWS writes it: `02:00-03:00`. */
export function dailyWindow(hourUtc: number): string {
  return `${clock(hourUtc)}-${clock(hourAfter(hourUtc, 1))}`;
}

/** An hour of each week, as AWS writes and returns it (small letters): `sun:23:00-mon:00:00`. */
export function weeklyWindow({ day, hourUtc }: Maintenance, laterHours = 0): string {
  const from = days.indexOf(day) * 24 + hourUtc + laterHours;
  return `${weekClock(from)}-${weekClock(from + 1)}`;
}

function weekClock(hourOfWeek: number): string {
  const day = days[Math.floor(hourOfWeek / 24) % days.length] ?? days[0];
  return `${day.slice(0, 3)}:${clock(hourOfWeek % 24)}`;
}

function clock(hour: number): string {
  return `${String(hour).padStart(2, "0")}:00`;
}
