import { Agent, request } from "node:http";

/** What the load's process is told, as JSON in its argument. */
export interface LoadPlan {
  readonly port: number;
  readonly connections: number;
  readonly seconds: number;
  readonly kind: "read" | "write";
  /** Users are drawn from 1 to this. */
  readonly users: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly failed: number;
}

/** Each connection sends its next request when the answer to the last is in. */
async function load(plan: LoadPlan): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: plan.connections });
  const times: number[] = [];
  let failed = 0;
  let sent = 0;
  const started = performance.now();
  const end = started + plan.seconds * 1_000;
  const one = () =>
    new Promise<void>((resolve) => {
      const user = 1 + Math.floor(Math.random() * plan.users);
      const read = plan.kind === "read";
      const begun = performance.now();
      const outgoing = request(
        {
          ...{ agent, host: "127.0.0.1", port: plan.port, method: read ? "GET" : "POST" },
          path: `/api/users/${user}/${read ? "cards" : "drops"}`,
          headers: read
            ? {}
            : { "idempotency-key": `bench-${process.pid}-${(sent += 1)}-${begun}` },
        },
        (response) => {
          response.resume();
          response.on("end", () => {
            times.push(performance.now() - begun);
            if (response.statusCode !== (read ? 200 : 201)) failed += 1;
            resolve();
          });
        },
      );
      outgoing.on("error", () => {
        failed += 1;
        resolve();
      });
      outgoing.end();
    });
  await Promise.all(
    Array.from({ length: plan.connections }, async () => {
      while (performance.now() < end) await one();
    }),
  );
  const seconds = (performance.now() - started) / 1_000;
  agent.destroy();
  times.sort((a, b) => a - b);
  const at = (share: number) =>
    Math.round((times[Math.floor(times.length * share)] ?? 0) * 10) / 10;
  return {
    requests: times.length,
    perSecond: Math.round(times.length / seconds),
    ...{ p50Ms: at(0.5), p95Ms: at(0.95), failed },
  };
}

void load(JSON.parse(process.argv[2] ?? "{}") as LoadPlan).then((result) => {
  process.send?.(result);
});
