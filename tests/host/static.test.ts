import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { renderUserData } from "../../host/bootstrap";
import { describeWith, run, temporaryDirectory } from "./support";

const directory = join(__dirname, "../../host/files");
const files = readdirSync(directory).filter((name) => !name.startsWith("__"));
const writtenIn = (language: RegExp): string[] =>
  files.filter((name) => {
    const [first = ""] = readFileSync(join(directory, name), "utf8").split("\n");
    return first.startsWith("#!") && language.test(first);
  });

describeWith(["shellcheck"], "shell programs", () => {
  it.each(writtenIn(/sh$/))("%s passes shellcheck", (name) => {
    const result = run("shellcheck", ["--severity=style", join(directory, name)]);
    expect(result.output).toBe("");
    expect(result.status).toBe(0);
  });
});

describeWith(["shellcheck"], "scripts of the tests", () => {
  it("pass shellcheck", () => {
    const result = run("shellcheck", ["--severity=style", join(__dirname, "debian13.sh")]);
    expect(result.output).toBe("");
  });
});

describeWith(["python3"], "Python programs", () => {
  const out = temporaryDirectory();
  it.each(writtenIn(/python3$/))("%s compiles, with the standard library alone", (name) => {
    const path = join(directory, name);
    const compile = `import py_compile; py_compile.compile(${JSON.stringify(path)}, cfile=${JSON.stringify(join(out, "x.pyc"))}, doraise=True)`;
    expect(run("python3", ["-c", compile]).output).toBe("");
    const imports = [...readFileSync(path, "utf8").matchAll(/^(?:import|from) (\w+)/gm)];
    const list = JSON.stringify(imports.map((match) => match[1]));
    const foreign = `import sys; print([m for m in ${list} if m not in sys.stdlib_module_names])`;
    expect(run("python3", ["-c", foreign]).output).toBe("[]\n");
  });
});

describeWith(["cloud-init"], "user data", () => {
  const path = join(temporaryDirectory(), "user-data");

  it.each(["app", "monitoring"] as const)("is a valid cloud-config (%s)", (role) => {
    const sshPublicKeys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 ops"];
    writeFileSync(path, renderUserData({ user: "drops", sshPublicKeys, role }));
    const result = run("cloud-init", ["schema", "--config-file", path]);
    expect(result.output).toMatch(/^Valid/);
    expect(result.output).not.toMatch(/deprecat/i);
    expect(result.status).toBe(0);
  });
});
