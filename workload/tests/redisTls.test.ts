import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { authority, certificateOf, written } from "./support/certificates";
import { call, openDrop, until, watch } from "./support/client";
import { freePort } from "./support/postgres";
import { needsRedis, newRedis, redisMissing, type RedisServer } from "./support/redis";
import { newSuite, type Suite } from "./support/suite";

/** As a managed Valkey has it: TLS alone, a certificate that anybody can verify, the user `default`. */
describe.skipIf(redisMissing)(`rediss://${needsRedis}`, () => {
  let suite: Suite;
  let redis: RedisServer;
  let files: ReturnType<typeof written<"ca.pem" | "server.crt" | "server.key">>;
  let url: (host: string) => string;
  beforeAll(async () => {
    suite = await newSuite("redistls");
    const own = await authority("A public authority");
    const server = await certificateOf(own, { dns: "localhost" });
    files = written({
      ...{ "ca.pem": own.cert, "server.crt": server.cert, "server.key": server.private },
    });
    const port = await freePort();
    redis = await newRedis([
      ...["--tls-port", String(port), "--tls-auth-clients", "no"],
      ...["--tls-cert-file", files.paths["server.crt"]],
      ...["--tls-key-file", files.paths["server.key"], "--tls-ca-cert-file", files.paths["ca.pem"]],
    ]);
    const { password } = new URL(redis.url);
    url = (host) => `rediss://default:${password}@${host}:${port}`;
  });
  afterAll(async () => {
    await redis.remove();
    files.remove();
  });

  const redisOf = async (app: { url: string }) =>
    (await call(app, "/readyz")).body.checks.redis as string;

  it("is used where Node knows the authority, for commands and for the feed", async () => {
    const env = { REDIS_URL: url("localhost"), NODE_EXTRA_CA_CERTS: files.paths["ca.pem"] };
    const [app, other] = await Promise.all([suite.app(env), suite.app(env)]);
    await until("both use it", async () => {
      return (await redisOf(app)) === "up" && (await redisOf(other)) === "up";
    });
    const watcher = await watch(other);
    await until("the feed goes over it", async () => {
      await openDrop(app, 1);
      return watcher.messages.length > 0;
    });
    expect((await call(app, "/readyz")).body.status).toBe("ready");
  });

  it.each([
    ["nobody knows its authority", "localhost", false],
    ["its certificate is another's", "127.0.0.1", true],
  ] as const)("is not used where %s", async (_name, host, known) => {
    const app = await suite.app({
      REDIS_URL: url(host),
      ...(known && { NODE_EXTRA_CA_CERTS: files.paths["ca.pem"] }),
    });
    await until("it was tried", () =>
      app.lines().some(({ msg }) => msg === "Redis does not answer"),
    );
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await redisOf(app)).toBe("down");
    expect((await call(app, "/api/users/1/cards")).status).toBe(200);
  });
});
