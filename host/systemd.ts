import { plain } from "./files";
import { paths } from "./paths";
import type { BundleFile } from "./types";

interface DropIn {
  readonly comment: string;
  /** The whole command; Debian's own command line and its file in `/etc/default` no longer count. */
  readonly exec: readonly string[];
  /** Further lines of the service section. */
  readonly lines?: readonly string[];
}

/**
 * Our command line for a service that Debian packages. Package files stay untouched, so an upgrade
 * never stops to ask whose version of a configuration file should win.
 */
export function serviceDropIn(service: string, dropIn: DropIn): BundleFile {
  return plain(
    `${paths.systemd}/${service}.service.d/drops.conf`,
    `# ${dropIn.comment}
[Service]
EnvironmentFile=
ExecStart=
ExecStart=${dropIn.exec.map(quote).join(" ")}
Restart=always
RestartSec=5s
${(dropIn.lines ?? []).map((line) => `${line}\n`).join("")}`,
  );
}

/** A service that no package brings. */
export function newService(
  name: string,
  args: {
    readonly description: string;
    readonly exec: readonly string[];
    /** Further lines of the service section. */
    readonly lines: readonly string[];
  },
): BundleFile {
  return plain(
    `${paths.systemd}/${name}.service`,
    `[Unit]
Description=${args.description}
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=${args.exec.map(quote).join(" ")}
Restart=always
RestartSec=5s
${args.lines.map((line) => `${line}\n`).join("")}
[Install]
WantedBy=multi-user.target
`,
  );
}

/** A timer and the one-shot service that it starts. */
export function timerPair(
  name: string,
  args: {
    readonly description: string;
    readonly exec: string;
    /** Lines of the timer section, e.g. "OnCalendar=hourly". */
    readonly timer: readonly string[];
    /** Further lines of the service section. */
    readonly service?: readonly string[];
  },
): readonly BundleFile[] {
  return [
    plain(
      `${paths.systemd}/${name}.service`,
      `[Unit]
Description=${args.description}
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart=${args.exec}
${(args.service ?? []).map((line) => `${line}\n`).join("")}`,
    ),
    plain(
      `${paths.systemd}/${name}.timer`,
      `[Unit]
Description=${args.description} (timer)

[Timer]
${args.timer.join("\n")}

[Install]
WantedBy=timers.target
`,
    ),
  ];
}

/** One word of a systemd command line. */
function quote(word: string): string {
  const escaped = word.replaceAll("%", "%%").replaceAll("$", "$$$$");
  return /^[\w@%+=:,./$-]+$/.test(escaped)
    ? escaped
    : `"${escaped.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
