import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, vi } from "vitest";
import { newHosts } from ".";
import {
  eventually,
  id,
  payloadOf,
  plainSpec,
  startSample,
  user,
  userData,
} from "./testing/sampleHost";

vi.setConfig({ testTimeout: 120_000 });

// A cloud does its work over and over, is killed at some moment, and another one takes over.
it("a host whose cloud was killed at any moment is whole after the next apply and release", async () => {
  const sample = await startSample();
  const other = plainSpec({ app: { ...plainSpec().app, processes: 1 } });
  const payloads = [payloadOf(plainSpec()), payloadOf(other)];
  const source = sample.build("v1");
  const { directory } = sample.options;
  await sample.hosts.remove(id);
  const script = `
    require("tsx/cjs");
    const { newHosts } = require(${JSON.stringify(__dirname)});
    const hosts = newHosts({ directory: ${JSON.stringify(directory)}, authority: { certificate: "" },
      log: () => undefined, find: () => undefined, timing: { healthSeconds: 5, healthPauseMs: 20 } });
    const run = (stdin) => hosts.run({ id: "${id}", user: "${user}", stdin, environment: {},
      command: "sudo /usr/local/sbin/drops-host apply" });
    (async () => {
      await hosts.startAll();
      console.log("begun");
      for (let round = 0; ; round++) {
        await hosts.ensure("${id}", { name: "drops-small", userData: ${JSON.stringify(userData)} });
        for (const payload of ${JSON.stringify(payloads)}) await run(payload);
        await hosts.release("${id}", { directory: ${JSON.stringify(source)} }, "r" + round);
        if (round % 2 === 1) await hosts.remove("${id}");
      }
    })();`;
  const another = newHosts(sample.options);
  try {
    for (const afterMs of [0, 15, 60, 250, 700, 1_500]) {
      const cloud = spawn(process.execPath, ["-e", script], {
        cwd: join(__dirname, "../.."),
        stdio: ["ignore", "pipe", "inherit"],
      });
      await new Promise((resolve) => cloud.stdout.once("data", resolve));
      await sleep(afterMs);
      const ended = new Promise((resolve) => cloud.once("exit", resolve));
      cloud.kill("SIGKILL");
      await ended;

      await another.startAll();
      await another.ensure(id, { name: "drops-small", userData });
      const run = { id, user, stdin: payloads[0] ?? "", environment: {} };
      const command = "sudo /usr/local/sbin/drops-host apply";
      const applied = await another.run({ ...run, command });
      expect(applied, `killed after ${afterMs} ms`).toMatchObject({ status: 0, stderr: "" });
      const released = await another.release(id, { directory: source }, `after-${afterMs}`);
      expect(released, `killed after ${afterMs} ms`).toMatchObject({ status: 0, stderr: "" });
      await eventually(() => {
        const states = another.statuses().filter(({ what }) => /^app process/.test(what));
        expect(states.map(({ state }) => state)).toEqual(["running", "running"]);
      });
      await another.stopAll();
    }
  } finally {
    await another.stopAll();
    await sample.stop();
  }
});
