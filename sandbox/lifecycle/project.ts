import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { CloudAddress } from "../cloud/client";
import { checkout, type Places } from "../places";

/**
 * Writes the project that the engine is run in: the checkout's own program with the embedded cloud's
 * plugins, whose paths never stand in the committed Pulumi.yaml.
 */
export function writeProject(places: Places, { providerPorts }: CloudAddress): void {
  for (const directory of [places.root, places.project, places.home, places.state]) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  }
  writePassphrase(places);
  const providers = Object.entries(providerPorts).map(([name, port]) => {
    const path = join(places.project, "plugins", name);
    mkdirSync(path, { recursive: true });
    const executable = join(path, `pulumi-resource-${name}`);
    writeFileSync(executable, plugin(port));
    chmodSync(executable, 0o755);
    return { name, path };
  });
  write(
    places,
    "Pulumi.yaml",
    stringify({
      name: "drops",
      runtime: { name: "nodejs", options: { typescript: false } },
      main: "program.cjs",
      plugins: { providers },
    }),
  );
  // Without one the engine warns at each run.
  write(places, "package.json", `${JSON.stringify({ name: "drops-sandbox", private: true })}\n`);
  write(
    places,
    "program.cjs",
    `module.exports = require(${JSON.stringify(join(checkout, "program.cjs"))});\n`,
  );
  // Where the engine's own part looks for the SDK.
  const modules = join(places.project, "node_modules");
  rmSync(modules, { force: true, recursive: true });
  symlinkSync(join(checkout, "node_modules"), modules);
}

function write(places: Places, name: string, text: string): void {
  writeFileSync(join(places.project, name), text, { mode: 0o600 });
}

/**
 * The engine starts a plugin and reads its port: here that of the cloud, which runs already. It goes
 * when the engine goes.
 */
function plugin(port: number): string {
  return `#!/bin/sh
echo ${port}
while kill -0 "$PPID" 2>/dev/null; do sleep 1; done
`;
}

function writePassphrase({ passphrase }: Places): void {
  if (existsSync(passphrase)) return;
  // Guards nothing but the sandbox's own throw-away secrets; it keeps them out of plain sight.
  writeFileSync(passphrase, randomBytes(24).toString("base64url"), { mode: 0o600 });
}
