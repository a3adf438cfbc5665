function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** One contender's figure in each round, in the order of the rounds. */
export interface Series {
  readonly name: string;
  readonly seconds: readonly number[];
  readonly peakMib: readonly number[];
}

/** Rows for a table; the ratio is to the first series, round by round. */
export function rowsOf(all: readonly Series[]): readonly (readonly string[])[] {
  const floor = all[0]?.seconds ?? [];
  const rows = all.map(({ name, seconds, peakMib }) => [
    name,
    `${median(seconds).toFixed(2)} s`,
    `${Math.min(...seconds).toFixed(2)}-${Math.max(...seconds).toFixed(2)}`,
    `${median(seconds.map((value, round) => value / (floor[round] ?? Number.NaN))).toFixed(2)}x`,
    `${median(peakMib).toFixed(0)} MiB`,
  ]);
  return [["", "median", "range", "ratio", "peak memory"], ...rows];
}
