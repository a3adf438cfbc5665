/** What Prometheus would read there. */
export async function scrape(port: number): Promise<string> {
  return await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
}

/** Sum of a metric's series that have all these labels. */
export function sum(text: string, metric: string, labels: Record<string, string> = {}): number {
  const lines = text.split("\n").filter((line) => {
    const named = line.startsWith(`${metric}{`) || line.startsWith(`${metric} `);
    return (
      named && Object.entries(labels).every(([name, value]) => line.includes(`${name}="${value}"`))
    );
  });
  return lines.reduce((total, line) => total + Number(line.split(" ").at(-1)), 0);
}
