import { plain, program } from "./files";
import { paths } from "./paths";
import type { BundleFile, AppHostSpec } from "./types";

/** Milliseconds that a process has to end its requests and websockets before it is killed. */
const KILL_TIMEOUT_MS = 30_000;
/** Milliseconds that a new process has to listen before the old one goes. */
const LISTEN_TIMEOUT_MS = 15_000;

/** PM2's ecosystem file, the unit that starts it at boot, and the rotation of its logs. */
export function pm2Files(spec: AppHostSpec): readonly BundleFile[] {
  return [
    plain(`${paths.etc}/ecosystem.config.js`, ecosystem(spec)),
    plain(
      `${paths.etc}/app-environment.json`,
      `${JSON.stringify(sorted(spec.app.environment), null, 2)}\n`,
    ),
    plain(`${paths.systemd}/drops-app.service`, unit()),
    program(`${paths.lib}/as-app`, "as-app.py"),
    program(`${paths.lib}/app-reload`, "app-reload.py"),
    program(`${paths.lib}/release`, "release.sh"),
    plain(
      "/etc/logrotate.d/drops-app",
      `${paths.appLogs}/*.log {
    daily
    maxsize 200M
    rotate 14
    compress
    delaycompress
    missingok
    notifempty
    # PM2 keeps its files open.
    copytruncate
    su drops-app drops-app
}
`,
    ),
  ];
}

function ecosystem(spec: AppHostSpec): string {
  return `// PM2 runs this as drops-app. The secrets stay in a file that only root and drops-app may read:
// no dump of PM2's and no command line carries them.
const { readFileSync } = require("node:fs");

module.exports = {
  apps: [
    {
      name: "drops-app",
      cwd: "${paths.current}",
      script: "dist/index.js",
      instances: ${spec.app.processes},
      exec_mode: "cluster",
      env: JSON.parse(readFileSync("${paths.etc}/app.env.json", "utf8")),
      max_memory_restart: "${spec.app.maxMemoryMib}M",
      // In cluster mode PM2 sees by itself when a process listens: no message from the app needed.
      wait_ready: false,
      listen_timeout: ${LISTEN_TIMEOUT_MS},
      kill_timeout: ${KILL_TIMEOUT_MS},
      // A crash loop slows down to one try in 15 seconds but never ends.
      exp_backoff_restart_delay: 100,
      error_file: "${paths.appLogs}/err.log",
      out_file: "${paths.appLogs}/out.log",
      merge_logs: true,
      time: true,
    },
  ],
};
`;
}

function unit(): string {
  return `# PM2's own "pm2 startup" only enables a unit that starts what "pm2 save" wrote down, secrets
# included, after the next boot. This one starts the ecosystem file now and at every boot.
[Unit]
Description=Drops app under PM2
Wants=network-online.target
After=network-online.target redis-server.service
# Before the first release there is nothing to start.
ConditionPathExists=${paths.current}/dist/index.js

[Service]
Type=forking
User=drops-app
Group=drops-app
Environment=HOME=/var/lib/drops-app PM2_HOME=/var/lib/drops-app/pm2
Environment=PATH=/usr/local/bin:/usr/bin:/bin
WorkingDirectory=/var/lib/drops-app
PIDFile=/var/lib/drops-app/pm2/pm2.pid
LimitNOFILE=16384
UMask=0027
ExecStart=pm2 start ${paths.etc}/ecosystem.config.js
ExecReload=${paths.lib}/app-reload
ExecStop=pm2 kill
Restart=on-failure
RestartSec=5s
TimeoutStartSec=120s
TimeoutStopSec=60s
NoNewPrivileges=true
PrivateTmp=true
ProtectHome=true
ProtectSystem=full

[Install]
WantedBy=multi-user.target
`;
}

/** Equal environments are equal bytes, whatever order they were written in. */
function sorted(record: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
