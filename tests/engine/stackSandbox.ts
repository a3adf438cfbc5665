import { existsSync, readFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import type { ServiceStatus } from "../../sandbox/contracts";
import { feedAt } from "./feed";
import type { TestSandbox, Visited } from "./fixture";

/** What a stack that runs as processes has on this machine, whatever its tier. */
export function stackIn({ places, cloud, drops }: TestSandbox, stack: string) {
  return {
    /** Those whose words have these among them. */
    services: async (what: string): Promise<readonly ServiceStatus[]> =>
      (await (await cloud()).status()).services.filter((service) => service.what.includes(what)),

    outputs: async (): Promise<Readonly<Record<string, unknown>>> =>
      JSON.parse((await drops("sandbox", "outputs", stack)).stdout) as Record<string, unknown>,

    /** A visitor of any host that the edge's process answers for. */
    visitHost: async (host: string, path: string): Promise<Visited> =>
      await new Promise((resolve, reject) => {
        const ca = readFileSync(places.certificate);
        cloud()
          .then(({ address }) => {
            request(
              {
                ...{ host: "127.0.0.1", port: address.edge.https, path, agent: false, ca },
                ...{ servername: host, headers: { host } },
              },
              (response) => {
                let body = "";
                response.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
                response.once("error", reject).once("end", () => {
                  const { statusCode: status = 0, headers } = response;
                  resolve({ status, headers, body });
                });
              },
            )
              .once("error", reject)
              .end();
          })
          .catch(reject);
      }),

    /** The feed as one process tells it, past everything that stands before it. */
    feedOf: (port: number) => feedAt(`ws://127.0.0.1:${port}/ws`),

    /** Whether a file is there that a program of an image has written. */
    isWritten: (name: string): boolean => existsSync(join(places.root, name)),
  };
}
