import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { Recipients } from "../components/alarms/types";
import { sampleSpec } from "../tests/host/sample";
import { alertmanagerFiles } from "./alertmanager";

interface Config {
  readonly route: Record<string, unknown>;
  readonly receivers: readonly Record<string, unknown>[];
  readonly inhibit_rules: unknown;
}

function render(recipients: Recipients): { config: Config; unit: string } {
  const spec = sampleSpec({ monitoring: { ...sampleSpec().monitoring, recipients } });
  const [config, unit] = alertmanagerFiles(spec).map((file) => file.content) as [string, string];
  return { config: parse(config) as Config, unit };
}
const smtp = { host: "smtp.example.com", port: 2525, username: "u", from: "a@example.com" };
const secret = (name: string) => `/run/credentials/prometheus-alertmanager.service/${name}`;

describe("Alertmanager", () => {
  it.each<[string, Recipients, string[], string[]]>([
    ["nobody", { emails: [], webhook: false }, ["name"], []],
    ["addresses without a relay", { emails: ["a@b.c"], webhook: false }, ["name"], []],
    ["a relay without addresses", { emails: [], webhook: false, smtp }, ["name"], []],
    [
      "Slack",
      { emails: [], webhook: false, slackChannel: "#ops" },
      ["name", "slack_configs"],
      ["slack-url"],
    ],
    ["a webhook", { emails: [], webhook: true }, ["name", "webhook_configs"], ["webhook-url"]],
    [
      "mail",
      { emails: ["a@b.c"], webhook: false, smtp },
      ["name", "email_configs"],
      ["smtp-password"],
    ],
  ])("tells %s", (_, recipients, keys, secrets) => {
    const { config, unit } = render(recipients);
    expect(config.receivers.map((receiver) => Object.keys(receiver))).toEqual([keys]);
    expect(config.route.receiver).toBe(config.receivers[0]!.name);
    const loaded = [...unit.matchAll(/LoadCredential=([^:]+):(\S+)/g)];
    expect(loaded.map((match) => match[1])).toEqual(secrets);
    for (const [, name, path] of loaded) expect(path).toBe(`/etc/drops/secrets/${name!}`);
  });

  it("reads every secret from its own credentials", () => {
    const { config } = render({ emails: ["a@b.c"], webhook: true, slackChannel: "#ops", smtp });
    expect(config.receivers[0]).toMatchObject({
      slack_configs: [{ api_url_file: secret("slack-url"), channel: "#ops" }],
      webhook_configs: [{ url_file: secret("webhook-url") }],
      email_configs: [
        {
          to: "a@b.c",
          smarthost: "smtp.example.com:2525",
          auth_password_file: secret("smtp-password"),
        },
      ],
    });
  });

  it("groups by target, repeats critical hourly and holds back redundant warnings", () => {
    const { config } = render({ emails: [], webhook: true });
    expect(config.route).toMatchObject({
      group_by: ["target", "severity"],
      repeat_interval: "12h",
      routes: [{ matchers: ['severity="critical"'], repeat_interval: "1h" }],
    });
    expect(config.inhibit_rules).toEqual([
      {
        source_matchers: ['severity="critical"'],
        target_matchers: ['severity="warning"'],
        equal: ["rule", "target"],
      },
    ]);
  });

  it("says in Slack what, how much, why and what to do", () => {
    const { config } = render({ emails: [], webhook: false, slackChannel: "#ops" });
    const [{ text }] = config.receivers[0]!.slack_configs as [{ text: string }];
    for (const field of ["summary", "value", "description", "runbook"]) {
      expect(text).toContain(`.Annotations.${field}`);
    }
  });
});
