import { expect, it } from "vitest";
import { cronProblem } from "./cron";
import { windowProblem } from "./windows";

it.each([
  ["02:00-03:00", "sun:03:00-sun:04:00", undefined],
  ["02:00-03:01", "sun:03:00-sun:04:00", "overlap"],
  ["03:59-04:30", "sun:03:00-sun:04:00", "overlap"],
  // Over midnight, and over the end of the week.
  ["23:30-00:30", "mon:00:00-mon:00:30", "overlap"],
  ["00:00-00:30", "sun:23:45-mon:00:15", "overlap"],
  ["23:30-00:00", "mon:00:00-mon:00:30", undefined],
  ["02:00-02:29", "sun:03:00-sun:04:00", "backup window must be at least 30"],
  ["02:00-03:00", "sun:04:00-sun:04:10", "maintenance window must be at least 30"],
])("says whether %s and %s go together", (daily, weekly, problem) => {
  const said = windowProblem({
    ...{ daily, weekly, names: ["backup", "maintenance"], leastMinutes: 30 },
  });
  if (problem === undefined) expect(said).toBeUndefined();
  else expect(said).toContain(problem);
});

it.each([
  ["cron(0 5 ? * * *)", undefined],
  ["cron(0/15 1-3 L * ? 2027)", undefined],
  ["cron(0 5 ? * 2#1 *)", undefined],
  ["cron(0 5 ? * 6L *)", undefined],
  ["cron(0 5 1W * ? *)", undefined],
  ["cron(60 5 ? * * *)", 'its minutes cannot be "60"'],
  ["cron(0 5-3 ? * * *)", 'its hours cannot be "5-3"'],
  ["cron(0 5 ? * 8 *)", 'its day of week cannot be "8"'],
  ["cron(0 5 ? MAI * *)", 'its month cannot be "MAI"'],
  ["cron(0 5/0 ? * * *)", 'its hours cannot be "5/0"'],
  ["cron(0 5 ? * ? *)", "one of its day of month"],
  ["every day", "it is no cron"],
])("reads the schedule %s", (schedule, problem) => {
  if (problem === undefined) expect(cronProblem(schedule)).toBeUndefined();
  else expect(cronProblem(schedule)).toContain(problem);
});
