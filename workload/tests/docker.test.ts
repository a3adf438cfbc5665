import { Copy, DockerfileParser, type Instruction, JSONInstruction, Label } from "dockerfile-ast";
import { validate } from "dockerfile-utils";
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from "vitest";
import { call, until } from "./support/client";
import { asSuperuser, freePort } from "./support/postgres";
import { newSuite, type Suite } from "./support/suite";

const read = (name: string) => readFileSync(join(__dirname, "..", name), "utf8");
const text = read("Dockerfile");
const parsed = DockerfileParser.parse(text);
const instructions = parsed.getInstructions();
const lastFrom = instructions.map((each) => each.getKeyword()).lastIndexOf("FROM");
/** What is in the image; the stage before it only builds. */
const final = instructions.slice(lastFrom);

function only(keyword: string, among: readonly Instruction[] = final): Instruction {
  const found = among.filter((each) => each.getKeyword() === keyword);
  expect(found, keyword).toHaveLength(1);
  return found[0]!;
}

/** What the parser knows about one kind of instruction. */
function as<T>(instruction: Instruction, kind: abstract new (...args: never[]) => T): T {
  if (instruction instanceof kind) return instruction;
  throw new Error(`${instruction.getKeyword()} is no ${kind.name}`);
}

function argumentsOf(keyword: string): string {
  return only(keyword).getArgumentsContent() ?? "";
}

/** The words of an instruction in exec form: no shell stands between the signal and the process. */
function exec(instruction: Instruction): string[] {
  const words = as(instruction, JSONInstruction).getJSONStrings();
  expect(words.length, `${instruction.getKeyword()} in exec form`).toBeGreaterThan(0);
  return words.map((word) => word.getJSONValue());
}

function healthCommand(): string[] {
  const [check] = parsed.getHEALTHCHECKs();
  const content = check!.getArgumentsContent() ?? "";
  return JSON.parse(content.slice(content.indexOf("["))) as string[];
}

function environment(): Record<string, string> {
  const [env] = parsed.getENVs();
  return Object.fromEntries(env!.getProperties().map((each) => [each.getName(), each.getValue()!]));
}

describe("the Dockerfile", () => {
  it("has no fault that the linter knows", () => {
    expect(validate(text)).toEqual([]);
    // And the linter does look.
    expect(validate(text.replace("STOPSIGNAL SIGTERM", "STOPSIGNAL"))).not.toEqual([]);
    expect(validate(text.replace("EXPOSE 3000", "EXPOSE http"))).not.toEqual([]);
  });

  it("begins with a base image of a known minor version", () => {
    const [base] = parsed.getInitialARGs().map((each) => each.getProperty());
    expect(base?.getName()).toBe("NODE");
    expect(base?.getValue()).toMatch(/^node:\d+\.\d+-[a-z]+-slim$/);
    expect(parsed.getFROMs().map((each) => each.getImage())).toEqual(["${NODE}", "${NODE}"]);
  });

  it("builds once, on the builder's own platform, and runs nothing on the target's", () => {
    const [build] = parsed.getFROMs();
    expect(build!.getPlatformFlag()?.getValue()).toBe("$BUILDPLATFORM");
    expect(final.filter((each) => each.getKeyword() === "RUN")).toEqual([]);
    expect(text).not.toMatch(/x86_64|aarch64|\bamd64\b(?!,linux\/arm64)/);
  });

  it("installs from the lockfile before it takes the source in", () => {
    const steps = instructions
      .slice(0, lastFrom)
      .filter((each) => /^(COPY|RUN)$/.test(each.getKeyword()));
    const contents = steps.map((each) => each.getArgumentsContent() ?? "");
    expect(contents).toEqual([
      ".npmrc package.json package-lock.json ./",
      "workload/package.json workload/",
      expect.stringMatching(/^npm ci /),
      "tsconfig.json ./",
      "workload workload",
      expect.stringMatching(/^npm run build /),
    ]);
  });

  it("has only the built app in the image", () => {
    expect(argumentsOf("COPY")).toBe("/src/workload/dist dist");
    expect(as(only("COPY"), Copy).getFromFlag()?.getValue()).toBe("build");
    expect(final.some((each) => each.getKeyword() === "ADD")).toBe(false);
  });

  it("does not run as root, and says so by number", () => {
    expect(argumentsOf("USER")).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  });

  it("says how it is reached, checked and ended", () => {
    expect(environment()).toEqual({ NODE_ENV: "production", PORT: "3000" });
    expect(argumentsOf("EXPOSE")).toBe("3000");
    expect(argumentsOf("STOPSIGNAL")).toBe("SIGTERM");
    expect(exec(only("CMD"))).toEqual(["node", "dist/index.js"]);
    // curl and wget are not in the image.
    expect(healthCommand()[0]).toBe("node");
  });

  it("carries labels that tell what it is", () => {
    const labels = as(only("LABEL"), Label).getProperties();
    const names = labels.map((each) => each.getName().replace("org.opencontainers.image.", ""));
    expect(names).toEqual(["title", "description", "licenses", "version", "revision"]);
  });

  it("knows no secret", () => {
    const names = instructions
      .filter((each) => /^(ARG|ENV)$/.test(each.getKeyword()))
      .map((each) => each.getArgumentsContent() ?? "");
    expect(names.join(" ")).not.toMatch(/password|secret|token|_url|\bkey\b/i);
  });

  it("has a context of nothing but what it copies", () => {
    const lines = read("Dockerfile.dockerignore")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
    expect(lines[0]).toBe("*");
    const admitted = lines.filter((line) => line.startsWith("!")).map((line) => line.slice(1));
    const copied = instructions
      .slice(0, lastFrom)
      .filter((each) => each.getKeyword() === "COPY")
      .flatMap((each) => each.getArguments().slice(0, -1))
      .map((each) => each.getValue().split("/")[0]);
    expect(new Set(admitted)).toEqual(new Set(copied));
    expect(lines).toEqual(expect.arrayContaining(["**/node_modules", "**/.env*", "workload/dist"]));
  });
});

/** There may be no container engine here: this runs the image's own commands on its own files. */
describe("what the image runs", () => {
  const asRoot = userInfo().uid === 0;
  let suite: Suite;
  let app: string;
  let port: number;
  let server: ChildProcess | undefined;

  beforeAll(async () => {
    suite = await newSuite("docker");
    port = await freePort();
    app = mkdtempSync(join(tmpdir(), "drops-image-"));
    chmodSync(app, 0o755);
    cpSync(inject("dist"), join(app, "dist"), { recursive: true });
  });

  afterAll(() => {
    server?.kill("SIGKILL");
    rmSync(app, { recursive: true, force: true });
  });

  /** As the image's user where the test may choose one. */
  function run([program, ...args]: readonly string[], env: Record<string, string> = {}) {
    const [uid, gid] = argumentsOf("USER").split(":").map(Number);
    return spawn(program === "node" ? process.execPath : program!, args, {
      cwd: app,
      env: { PATH: process.env["PATH"], ...environment(), PORT: String(port), ...env },
      stdio: "ignore",
      ...(asRoot && { uid, gid }),
    });
  }

  async function exit(child: ChildProcess): Promise<number | null> {
    return await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", resolve);
    });
  }

  it(`starts from dist/ alone${asRoot ? " as another user than root" : ""}, is healthy, and ends`, async () => {
    expect(await exit(run(healthCommand()))).toBe(1);
    server = run(exec(only("CMD")), {
      DATABASE_URL: suite.url("drops_app"),
      SHUTDOWN_DELAY_MS: "0",
    });
    const ended = exit(server);
    const url = `http://127.0.0.1:${port}`;
    await until("health", async () => (await call({ url }, "/healthz")).status === 200);
    expect((await call({ url }, "/readyz")).body.status).toBe("ready");
    expect(await exit(run(healthCommand()))).toBe(0);
    server.kill(argumentsOf("STOPSIGNAL") as NodeJS.Signals);
    expect(await ended).toBe(0);
    expect(await exit(run(healthCommand()))).toBe(1);
  });

  it.each(["127.0.0.2", "0.0.0.0", "::", " "])(
    "is asked where it listens: HOST=%j",
    async (HOST) => {
      const listening = run(exec(only("CMD")), { DATABASE_URL: suite.url("drops_app"), HOST });
      const gone = exit(listening);
      onTestFinished(async () => {
        listening.kill("SIGKILL");
        await gone;
      });
      await until("health", async () => (await exit(run(healthCommand(), { HOST }))) === 0);
    },
  );

  it("works in the background with the same files, where it is told another command", async () => {
    const worker = run(["node", "dist/worker.js"], { DATABASE_URL: suite.url("drops_app") });
    const ended = exit(worker);
    await until("it works", async () => {
      return await asSuperuser(suite.postgresPort, suite.database, async (client) => {
        const { rowCount } = await client.query(
          "SELECT FROM pg_stat_activity WHERE datname = $1 AND application_name = 'drops-worker'",
          [suite.database],
        );
        return rowCount === 1;
      });
    });
    worker.kill(argumentsOf("STOPSIGNAL") as NodeJS.Signals);
    expect(await ended).toBe(0);
  });

  it("brings the schema up to date with the same files", async () => {
    const env = { MIGRATION_DATABASE_URL: suite.url("drops_owner") };
    expect(await exit(run(["node", "dist/migrate.js"], env))).toBe(0);
    expect(await exit(run(["node", "dist/migrate.js", "--status"], env))).toBe(0);
  });
});
