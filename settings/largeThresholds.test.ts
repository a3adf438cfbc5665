import { describe, expect, it } from "vitest";
import { largeTargets, planned } from "../components/alarms/testing/large";
import { expectMended, largeSet, problemsOfStack, type Refusal } from "./testStacks";

const refused: readonly Refusal[] = [
  ...(
    [
      ["1000", "168"],
      ["200", "168"],
      ["169", "168"],
      ["0", "1"],
      ["25.5", "26"],
    ] as const
  ).map(([hours, possible]): Refusal => [
    `backups that are ${hours} hours old`,
    [`thresholds.backup-age.critical=${hours}`],
    "thresholds.backup-age.critical",
    `${hours} hours, over which no alarm of CloudWatch can look back`,
    "a whole number from 1 to 168",
    largeSet("thresholds.backup-age.critical", possible),
  ]),
  [
    "more than all memory",
    ["thresholds.memory.critical=100"],
    "thresholds.memory.critical",
    "100, and nothing is ever more",
    "0 or more, and less than 100",
    largeSet("thresholds.memory.critical", "90"),
  ],
  [
    "less than no day",
    ["thresholds.certificate-expiry.critical=0"],
    "thresholds.certificate-expiry.critical",
    "0, and nothing is ever less",
    "more than 0",
    largeSet("thresholds.certificate-expiry.critical", "7"),
  ],
  [
    "a share beyond all",
    ["thresholds.cpu.warning=120"],
    "thresholds.cpu.warning",
    "120 %",
    "0 to 100 %",
    largeSet("thresholds.cpu.warning", "70"),
  ],
  [
    "a budget too large to watch",
    ["thresholds.uptime.warning=90"],
    "thresholds.uptime.warning",
    "90 %, of which no alarm could tell how fast the rest is used up",
    "93.1 to 99.99 %",
    largeSet("thresholds.uptime.warning", "99.9"),
  ],
  [
    "a budget too small to watch",
    ["thresholds.uptime.warning=99.995"],
    "thresholds.uptime.warning",
    "99.995 %, of which no alarm could tell how fast the rest is used up",
    "93.1 to 99.99 %",
    largeSet("thresholds.uptime.warning", "99.9"),
  ],
  [
    "a warning after the critical alarm",
    ["thresholds.memory.critical=75"],
    "thresholds.memory.warning",
    "80, which comes after critical 75",
    "a warning at or below the critical value 75",
    largeSet("thresholds.memory.warning", "75"),
  ],
  [
    "a number that no metric comes near",
    ["thresholds.replica-lag.critical=1000000001"],
    "thresholds.replica-lag.critical",
    "1000000001",
    "a number of seconds from 0 to 1000000000",
    largeSet("thresholds.replica-lag.critical", "300"),
  ],
];

describe("a threshold of the large tier", () => {
  it.each(refused)("%s", (...refusal) => {
    expectMended(refusal);
  });

  it.each(["90000.5", "0", "1000000000"])("takes a latency of %s", (value) => {
    const both = ["critical", "warning"].map(
      (severity) => `thresholds.response-time.${severity}=${value}`,
    );
    expect(problemsOfStack("large", both)).toEqual([]);
  });

  it.each([1, 26, 168])("takes backups of %i hours, which CloudWatch can look at", (hours) => {
    const setting = `thresholds.backup-age.critical=${hours}`;
    expect(problemsOfStack("large", [setting])).toEqual([]);
    expect(() => planned(largeTargets(), { "backup-age": { critical: hours } })).not.toThrow();
  });

  it.each([0, 169])("and those of %i hours not", (hours) => {
    expect(() => planned(largeTargets(), { "backup-age": { critical: hours } })).toThrow();
  });
});
