/** "1:20", from milliseconds. */
export function clock(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** Says at once, and then at intervals, how work is getting on, until it is done. */
export async function withProgress<T>(
  line: (elapsed: string) => string,
  { say, every }: { readonly say: (line: string) => void; readonly every: number },
  work: () => Promise<T>,
): Promise<T> {
  const start = Date.now();
  say(line(clock(0)));
  const timer = setInterval(() => {
    say(line(clock(Date.now() - start)));
  }, every);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
