import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
} from "node:fs";
import { request } from "node:https";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderBundle } from "../../host/bundle";
import { hostFile } from "../../host/files";
import type { ApplyPayload, HostBundle, HostSpec } from "../../host/types";
import { newHosts } from "../../sandbox/host";
import { badPayloads } from "../../sandbox/host/testing/badPayloads";
import {
  answer,
  bundleOf,
  id,
  isAlive,
  payloadOf,
  plainSpec,
  secrets,
  startSample,
  user,
  type Answer,
  type Sample,
} from "../../sandbox/host/testing/sampleHost";
import { newPostgresService } from "../../sandbox/services/postgres";
import { findProgram } from "../../sandbox/services/programs";
import { buildServer } from "../../workload/build";
import { monitoringSpec, sampleSpec, sites } from "./sample";
import { describeWith, eventually, run, temporaryDirectory } from "./support";

const host = "drops.example.com";

/** The bundle's apply script as far as it does not touch the machine: the check, then compose. */
function withoutServices({ version, files }: HostBundle): HostBundle {
  const check = /^while read -r name; do[^]*?^done < \/etc\/drops\/required-secrets$/m.exec(
    hostFile("apply.sh"),
  );
  const script = `#!/bin/bash
set -euo pipefail
${(check?.[0] ?? "exit 99").replaceAll("/etc/drops", "$DROPS_HOST_ROOT/etc/drops")}
"$DROPS_HOST_ROOT/usr/local/lib/drops/compose"
`;
  return {
    version,
    files: files.map((file) =>
      file.path === "/usr/local/lib/drops/apply" ? { ...file, content: script } : file,
    ),
  };
}

/** Every file, link and directory below a root that both programs answer for. */
function tree(root: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  const walk = (path: string): void => {
    const full = root + path;
    const mode = (lstatSync(full).mode & 0o7777).toString(8);
    if (lstatSync(full).isSymbolicLink()) {
      found[path] = `link to ${readlinkSync(full)}`;
    } else if (lstatSync(full).isDirectory()) {
      found[path] = `directory ${mode}`;
      for (const name of readdirSync(full)) walk(`${path}/${name}`);
    } else {
      found[path] = `${mode} ${readFileSync(full, "utf8")}`;
    }
  };
  for (const path of ["/etc", "/usr", "/var/lib/drops", "/var/lib/prometheus"]) walk(path);
  return Object.fromEntries(
    Object.entries(found).filter(
      // Times, the lock of a program that has gone, and what only services make.
      ([path]) =>
        !/\/(installed-at|bootstrap-done|lock|acme)$|^\/etc\/(drops\/tls|letsencrypt\/live)/.test(
          path,
        ),
    ),
  );
}

describeWith(["python3", "bash"], "the sandbox's host beside the real drops-host", () => {
  const pem = "-----BEGIN CERTIFICATE-----\r\nMIIB\r\n-----END CERTIFICATE-----\r\n";
  const all: Readonly<Record<string, string>> = {
    ...secrets,
    "database-url": 'postgresql://drops_app:p%40$s`"@db.example:25060/drops?sslmode=require',
    "database-admin-url": "postgresql://doadmin:x@127.0.0.1:1/drops",
    "database-ca": pem,
    "slack-url": "https://hooks.example/ünïcode\u007f",
    "webhook-url": "https://hook.example",
    "smtp-password": " spaced ",
    "acme-token": "cf-token",
    "backup-bucket": "b",
    "backup-access-key": "k",
    "backup-secret-key": "s",
  };
  const watching: Record<string, string> = {
    ...all,
    "database-replica-url-1": "postgresql://a:p@one/d",
    "database-replica-url-2": "postgresql://a:p@two/d",
    "redis-url": "rediss://default:p@r.example:25061",
    "metrics-token": "Abcdefghijklmnop-_0123456789",
  };
  const outside = {
    ...plainSpec().app,
    environment: { ...plainSpec().app.environment, REDIS_MODE: "single" as const },
  };
  const withoutSecond = { ...watching };
  delete withoutSecond["database-replica-url-2"];
  /** One after the other on the same two hosts. */
  const payloads: readonly (readonly [string, HostSpec, Readonly<Record<string, string>>])[] = [
    ["everything switched on", sampleSpec({ grantRoles: false }), all],
    ["the same again", sampleSpec({ grantRoles: false }), all],
    ["hardly anything", plainSpec(), secrets],
    [
      "Redis elsewhere",
      plainSpec({ app: outside }),
      { ...secrets, "redis-url": 'rediss://m%C3%A9:a"$b%3A@R.example:25061/2?x=1' },
    ],
    [
      "Redis by its default user, on the usual port",
      plainSpec({ app: outside }),
      { ...secrets, "redis-url": "redis://default:s%3Acret@[::1]", "database-ca": " PEM " },
    ],
    ["a secret that was not sent", plainSpec({ app: outside }), secrets],
    ["a domain of its own", plainSpec({ site: sites.direct }), { ...secrets, "acme-token": "t" }],
    ["an environment beyond ASCII", withPublicUrl("https://dröps.example/😀"), secrets],
    ["a monitoring host", monitoringSpec({ grantRoles: false, replicas: 2 }), watching],
    [
      "a monitoring host with less",
      monitoringSpec({ grantRoles: false, replicas: 1, redisExporter: false }),
      {
        ...watching,
        "database-url": "postgresql://a:p@h/d?sslmode=verify-full&sslrootcert=system",
        "database-replica-url-1": "postgresql://a:p@h/d?sslrootcert=system&x=1",
      },
    ],
    [
      "a token that nginx could misread",
      monitoringSpec({ grantRoles: false }),
      { ...watching, "metrics-token": 'sixteen or more" 1; }' },
    ],
    ["a replica without its URL", monitoringSpec({ replicas: 2 }), withoutSecond],
  ];
  let sample: Sample;
  let root: string;
  let surplus = 0;
  const countIn = (output: string): number => Number(/, (\d+) changes\n$/.exec(output)?.[1] ?? 0);
  const real = (input: string, verb = "apply"): Awaited<ReturnType<Sample["apply"]>> => {
    const program = join(root, "usr/local/sbin/drops-host");
    const error = join(root, "stderr");
    const { status, output } = run("bash", ["-c", `python3 "${program}" ${verb} 2> "${error}"`], {
      input,
      env: { DROPS_HOST_ROOT: root },
    });
    const stderr = readFileSync(error, "utf8");
    return { status: status ?? -1, stdout: output, stderr };
  };

  beforeAll(async () => {
    sample = await startSample();
    root = join(temporaryDirectory(), "real");
    cpSync(sample.root, root, { recursive: true });
    mkdirSync(join(root, "var/lib/prometheus/node-exporter"), { recursive: true });
  });
  afterAll(() => sample.stop());

  it.each(badPayloads)("refuses %s in the same words", async (_, text) => {
    expect(await sample.apply(text)).toEqual(real(text));
  });

  it.each(payloads)("makes the same files of %s", async (_, spec, values) => {
    const payload: ApplyPayload = { bundle: withoutServices(renderBundle(spec)), secrets: values };
    const text = JSON.stringify(payload);
    const [ours, theirs] = [await sample.apply(text), real(text)];
    expect(tree(sample.root)).toEqual(tree(root));
    expect([ours.status, ours.stderr]).toEqual([theirs.status, theirs.stderr]);
    expect(countIn(ours.stdout)).toBe(Math.max(0, countIn(theirs.stdout) - surplus));
    // After a failure the program counts an empty line of its list of pending changes too.
    surplus = ours.status === 0 ? 0 : 1;
  });

  describe("told what to probe", () => {
    beforeAll(async () => {
      const bundle = withoutServices(renderBundle(monitoringSpec({ grantRoles: false })));
      const text = JSON.stringify({ bundle, secrets: watching });
      for (const applied of [await sample.apply(text), real(text)]) {
        expect([applied.status, applied.stderr]).toEqual([0, ""]);
      }
    });
    const long = "x".repeat(2_000);

    it.each([
      ["https://app.example/healthz", 0],
      ["  http://[2001:db8::1]:8080/a?b=c%20d\n", 0],
      ["http://10.0.0.1", 0],
      ["https://a", 0],
      ["https://a:65535/x", 0],
      ["", 1],
      ["ftp://a.example/", 1],
      ["https://", 1],
      ["https:///path", 1],
      ["https://me:pass@a.example/", 1],
      ["https://a.example/#part", 1],
      ["https://a.example/ b", 1],
      ["https://a.example/a\nhttps://b.example/", 1],
      ["https://a.example:0/", 1],
      ["https://a.example:70000/", 1],
      ["https://a.example:/", 1],
      ["https://a.example:x/", 1],
      ["https://-a.example/", 1],
      ["https://a_b.example/", 1],
      ["https://[::1/", 1],
      ["https://ä.example/", 1],
      ["https://a.example/$(id)", 1],
      ["https://a.example/LONG", 1],
    ])("both end with the same for %j: %d", async (input, status) => {
      const stdin = input.replace("LONG", long);
      const command = "sudo /usr/local/sbin/drops-host probe";
      for (let time = 1; time <= 2; time++) {
        const ours = await sample.hosts.run({ id, user, command, stdin, environment: {} });
        expect(ours).toEqual(real(stdin, "probe"));
        expect(ours.status).toBe(status);
        const targets = "/var/lib/drops/probe-targets.json";
        const [text, theirs] = [sample.root, root].map((where) =>
          existsSync(where + targets) ? readFileSync(where + targets, "utf8") : "",
        );
        expect(text).toBe(theirs);
      }
    });
  });

  function withPublicUrl(url: string): HostSpec {
    const { app } = plainSpec();
    return plainSpec({ app: { ...app, environment: { ...app.environment, PUBLIC_URL: url } } });
  }
});

describeWith(["nginx"], "the sandbox's nginx", () => {
  let sample: Sample;
  const proxied = plainSpec({ site: sites.proxied });
  const more = { ...secrets, "acme-token": "token" };
  const ports = (): { readonly http: number; readonly https: number } =>
    sample.hosts.ports(id) ?? { http: 0, https: 0 };
  const nginx = () => sample.hosts.statuses().find(({ what }) => what === "nginx");

  beforeAll(async () => {
    sample = await startSample({ find: findProgram });
    const applied = await sample.apply(payloadOf(proxied, more));
    expect([applied.status, applied.stderr]).toEqual([0, ""]);
  });
  afterAll(() => sample.stop());

  const secure = (path: string, headers = {}, name = host): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const ca = sample.options.authority.certificate;
      const to = { host: "127.0.0.1", port: ports().https, servername: name, ca, agent: false };
      request({ ...to, path, headers: { host: name, ...headers } }, (incoming) => {
        let body = "";
        incoming.setEncoding("utf8").on("data", (text: string) => (body += text));
        incoming.on("end", () => {
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body });
        });
      })
        .on("error", reject)
        .end();
    });

  it("runs with the bundle's files and the authority's certificate", async () => {
    expect(nginx()).toMatchObject({ state: "running", ports: [ports().http, ports().https] });
    expect((await secure("/")).body).toContain("Drops is starting");
    const redirect = await answer(ports().http, "/a?b=1", { host });
    expect([redirect.status, redirect.headers.location]).toEqual([301, `https://${host}/a?b=1`]);
    await expect(answer(ports().http, "/", { host: "other.example" })).rejects.toThrow("hang up");
    await expect(secure("/", {}, "other.example")).rejects.toThrow();
  });

  it("passes requests on to the app, with the visitor's address from the edge", async () => {
    expect((await sample.release("v1")).status).toBe(0);
    const { headers, body } = await secure("/who", { "CF-Connecting-IP": "203.0.113.9" });
    const said = JSON.parse(body) as { headers: Record<string, string> };
    expect(said.headers).toMatchObject({
      host,
      "x-forwarded-for": "203.0.113.9",
      "x-forwarded-proto": "https",
    });
    expect(headers["strict-transport-security"]).toBe("max-age=31536000");
    expect((await secure("/monitoring/healthz")).status).toBe(500);
  });

  it("keeps large bodies in files of its own", async () => {
    const body = "x".repeat(2_000_000);
    const status = await new Promise((resolve, reject) => {
      const ca = sample.options.authority.certificate;
      const to = { host: "127.0.0.1", port: ports().https, servername: host, ca, agent: false };
      request({ ...to, method: "POST", headers: { host } }, (incoming) => {
        incoming.resume();
        resolve(incoming.statusCode);
      })
        .on("error", reject)
        .end(body);
    });
    expect(status).toBe(200);
    expect(existsSync(join(sample.root, "var/lib/nginx/client_body"))).toBe(true);
  });

  it("takes a changed configuration over without ending connections", async () => {
    const before = nginx()?.pid;
    const socket = connect(ports().http, "127.0.0.1");
    await new Promise((resolve) => socket.once("connect", resolve));
    const result = await sample.apply(payloadOf(plainSpec({ site: sites.direct }), more));
    expect(result.status, result.stderr).toBe(0);
    expect(nginx()?.pid).toBe(before);
    await eventually(async () => {
      // No longer behind Cloudflare, whose header is believed no more.
      const { body } = await secure("/", { "CF-Connecting-IP": "203.0.113.9" });
      const said = JSON.parse(body) as { headers: Record<string, string> };
      expect(said.headers["x-forwarded-for"]).toBe("127.0.0.1");
    });
    expect(socket.destroyed).toBe(false);
    socket.destroy();
  });

  it("goes on with the files before when new ones are wrong, and says what is", async () => {
    const bundle = bundleOf(proxied);
    const files = bundle.files.map((file) =>
      file.path === "/etc/nginx/nginx.conf" ? { ...file, content: "nonsense;\n" } : file,
    );
    const result = await sample.apply(
      JSON.stringify({ bundle: { ...bundle, files }, secrets: more }),
    );
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(/unknown directive "nonsense"/);
    expect((await secure("/")).status).toBe(200);
    expect((await sample.apply(payloadOf(proxied, more))).status).toBe(0);
  });

  it("comes back when it was killed, and is found again by another cloud", async () => {
    const victim = nginx()?.pid ?? 0;
    process.kill(victim, "SIGKILL");
    await eventually(async () => {
      expect(nginx()?.pid).not.toBe(victim);
      expect((await secure("/")).status).toBe(200);
    });
    // Another cloud, as if this one had been killed before it noted its nginx, which holds the ports.
    rmSync(join(sample.options.directory, id, "nginx.process.json"));
    const unnoted = nginx()?.pid ?? 0;
    const again = newHosts(sample.options);
    await again.startAll();
    expect(isAlive(unnoted)).toBe(false);
    expect(again.statuses().find(({ what }) => what === "nginx")?.state).toBe("running");
    await again.stopAll();
  });
});

describeWith(["redis-server", "nginx"], "the sandbox's host with everything", () => {
  const directory = temporaryDirectory();
  const postgres = newPostgresService({
    directory: join(directory, "postgres"),
    log: () => undefined,
  });
  const redisSpec = (maxMemoryMib: number | undefined): HostSpec =>
    plainSpec({
      grantRoles: true,
      redis: maxMemoryMib === undefined ? undefined : { maxMemoryMib },
      app: {
        ...plainSpec().app,
        environment: {
          ...plainSpec().app.environment,
          REDIS_MODE: maxMemoryMib === undefined ? "none" : "single",
        },
      },
    });
  let sample: Sample;
  let more: Readonly<Record<string, string>>;
  const redis = () => sample.hosts.statuses().find(({ what }) => what === "redis-server");

  beforeAll(async () => {
    sample = await startSample({ find: findProgram });
    const access = await postgres.ensure("one", { major: 17, connectionLimit: 22 });
    await postgres.createDatabase("one", "drops");
    const urlOf = (user: string, password: string): string =>
      `postgresql://${user}:${password}@${access.host}:${access.port}/drops?sslmode=require`;
    for (const role of ["drops_owner", "drops_app"]) await postgres.createRole("one", role, role);
    more = {
      "database-url": urlOf("drops_app", "drops_app"),
      "database-owner-url": urlOf("drops_owner", "drops_owner"),
      "database-admin-url": urlOf(access.user, access.password),
      "database-ca": access.caCertificate,
    };
  });
  afterAll(async () => {
    await sample.stop();
    await postgres.stopAll();
  });

  it("runs the bundle's Redis, anew only when its configuration changed", async () => {
    const first = await sample.apply(payloadOf(redisSpec(16), more));
    expect(first.status, first.stderr).toBe(0);
    const pid = redis()?.pid;
    expect(redis()).toMatchObject({ state: "running", ports: [sample.hosts.ports(id)?.redis] });
    await sample.apply(payloadOf(redisSpec(16), more));
    expect(redis()?.pid).toBe(pid);
    const changed = await sample.apply(payloadOf(redisSpec(24), more));
    expect(changed.stdout).toContain("apply: restarting redis-server\n");
    expect(redis()?.pid).not.toBe(pid);
  });

  it("migrates and serves the reference app, from Postgres and Redis", async () => {
    const release = join(directory, "release");
    await buildServer(join(release, "dist"));
    const result = await sample.hosts.release(id, { directory: release }, "app-1");
    expect(result.stderr + result.stdout).toMatch(/release: app-1 is in use/);
    const { http } = sample.hosts.ports(id) ?? { http: 0 };
    await eventually(async () => {
      const { status, body } = await answer(http, "/readyz");
      expect([status, body]).toEqual([200, expect.stringContaining("redis")]);
    });
  });

  it("ends Redis when the bundle has none", async () => {
    const result = await sample.apply(payloadOf(redisSpec(undefined), more));
    expect(result.status, result.stderr).toBe(0);
    expect(redis()).toBeUndefined();
    expect(existsSync(join(sample.root, "etc/drops/redis.conf"))).toBe(false);
  });

  it("leaves no file behind", async () => {
    await sample.hosts.remove(id);
    expect(statSync(sample.options.directory).isDirectory()).toBe(true);
    expect(readdirSync(sample.options.directory)).toEqual([]);
    rmSync(sample.options.directory, { recursive: true });
  });
});
