import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Recipients } from "../../components/alarms/types";
import { renderBundle } from "../../host/bundle";
import { sampleSpec } from "./sample";
import { describeWith, run, temporaryDirectory } from "./support";

describeWith(["amtool"], "Alertmanager", () => {
  const directory = temporaryDirectory();
  const { monitoring } = sampleSpec();
  // The webhook's `url_file` came with Alertmanager 0.26; an older one judges everything else.
  const version = /version 0\.(\d+)/.exec(run("amtool", ["--version"]).output)?.[1];
  const old = Number(version) < 26;

  it.each<[string, Recipients]>([
    ["everyone", monitoring.recipients],
    ["nobody", { emails: [], webhook: false }],
    ["Slack alone", { emails: [], webhook: false, slackChannel: "#ops" }],
  ])("accepts a configuration that tells %s", (name, recipients) => {
    const file = join(directory, `${name.replaceAll(" ", "-")}.yml`);
    const spec = sampleSpec({ monitoring: { ...monitoring, recipients } });
    const { content } = renderBundle(spec).files.find(({ path }) =>
      path.endsWith("/alertmanager.yml"),
    )!;
    writeFileSync(
      file,
      old ? content.replace(/url_file: \S*webhook-url/, "url: http://a/") : content,
    );
    const result = run("amtool", ["check-config", file]);
    expect(result.output).toContain("SUCCESS");
    expect(result.status).toBe(0);
  });

  it("routes by severity and holds nothing back from the owners", () => {
    const file = join(directory, "everyone.yml");
    for (const severity of ["critical", "warning"]) {
      const route = run("amtool", [
        ...["config", "routes", "test", `--config.file=${file}`, `severity=${severity}`],
      ]);
      expect([route.status, route.output.split("\n")[0]]).toEqual([0, "owners"]);
    }
  });
});
