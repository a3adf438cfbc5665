import { stringify } from "yaml";
import { plain } from "./files";
import { paths, ports } from "./paths";
import { serviceDropIn } from "./systemd";
import type { BundleFile, HostSecretName, HostSpec } from "./types";

const CONFIG = `${paths.etc}/prometheus/alertmanager.yml`;
/** systemd hands the service its secrets here, readable by nobody else. */
const CREDENTIALS = "/run/credentials/prometheus-alertmanager.service";

/** Templates of one message, the same for every channel. */
const title =
  '[{{ if eq .Status "firing" }}{{ .CommonLabels.severity | toUpper }}{{ else }}RESOLVED{{ end }}] {{ .CommonLabels.stack }}: {{ range $i, $alert := .Alerts }}{{ if $i }}, {{ end }}{{ .Annotations.summary }}{{ end }}';
const text = `{{ range .Alerts }}*{{ .Annotations.summary }}* ({{ .Labels.target }}): {{ .Annotations.value }}
{{ .Annotations.description }}
Runbook: {{ .Annotations.runbook }}
Since {{ .StartsAt.UTC.Format "2006-01-02 15:04" }} UTC
{{ end }}`;

/** Secrets that this spec's Alertmanager needs, each a file of its credentials. */
export function alertmanagerSecrets(spec: HostSpec): readonly HostSecretName[] {
  const { recipients } = spec.monitoring;
  return [
    ...(recipients.slackChannel === undefined ? [] : (["slack-url"] as const)),
    ...(recipients.webhook ? (["webhook-url"] as const) : []),
    ...(mailsFrom(spec) ? (["smtp-password"] as const) : []),
  ];
}

/** Alertmanager: who hears of what, how often, and what is kept back. */
export function alertmanagerFiles(spec: HostSpec): readonly BundleFile[] {
  return [
    plain(CONFIG, stringify(config(spec), { lineWidth: 0 })),
    serviceDropIn("prometheus-alertmanager", {
      comment: "Loopback only, and without the gossip port of a cluster.",
      exec: [
        "/usr/bin/prometheus-alertmanager",
        `--config.file=${CONFIG}`,
        "--storage.path=/var/lib/prometheus/alertmanager/",
        `--web.listen-address=127.0.0.1:${ports.alertmanager}`,
        "--cluster.listen-address=",
      ],
      lines: alertmanagerSecrets(spec).map(
        (name) => `LoadCredential=${name}:${paths.secrets}/${name}`,
      ),
    }),
  ];
}

function mailsFrom(spec: HostSpec): boolean {
  const { recipients } = spec.monitoring;
  return recipients.smtp !== undefined && recipients.emails.length > 0;
}

function config(spec: HostSpec): object {
  const { recipients } = spec.monitoring;
  const { smtp } = recipients;
  const receiver = {
    name: "owners",
    ...(recipients.slackChannel !== undefined && {
      slack_configs: [
        {
          api_url_file: `${CREDENTIALS}/slack-url`,
          channel: recipients.slackChannel,
          send_resolved: true,
          title,
          title_link: "",
          text,
          color:
            '{{ if eq .Status "firing" }}{{ if eq .CommonLabels.severity "critical" }}danger{{ else }}warning{{ end }}{{ else }}good{{ end }}',
        },
      ],
    }),
    ...(recipients.webhook && {
      webhook_configs: [{ url_file: `${CREDENTIALS}/webhook-url`, send_resolved: true }],
    }),
    ...(smtp &&
      mailsFrom(spec) && {
        email_configs: [
          {
            to: recipients.emails.join(", "),
            from: smtp.from,
            smarthost: `${smtp.host}:${smtp.port}`,
            auth_username: smtp.username,
            auth_password_file: `${CREDENTIALS}/smtp-password`,
            send_resolved: true,
            headers: { Subject: title },
            html: "",
            text,
          },
        ],
      }),
  };
  const heard = Object.keys(receiver).length > 1;
  return {
    route: {
      receiver: heard ? "owners" : "nobody",
      // One message tells everything about one target.
      group_by: ["target", "severity"],
      group_wait: "30s",
      group_interval: "5m",
      repeat_interval: "12h",
      routes: [{ matchers: ['severity="critical"'], group_wait: "10s", repeat_interval: "1h" }],
    },
    // A warning adds nothing while the same rule is critical on the same target.
    inhibit_rules: [
      {
        source_matchers: ['severity="critical"'],
        target_matchers: ['severity="warning"'],
        equal: ["rule", "target"],
      },
    ],
    // "nobody" throws alarms away; it stands here so that Prometheus has somewhere to send them.
    receivers: [heard ? receiver : { name: "nobody" }],
  };
}
