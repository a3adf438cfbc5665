import { createHash } from "node:crypto";
import { accessLogFiles } from "./accessLog";
import { applyFiles } from "./apply";
import { backupFiles } from "./backup";
import { checkSpec } from "./checkSpec";
import { program } from "./files";
import { metricsFiles } from "./metrics";
import { nginxFiles } from "./nginx";
import { monitoringNginxFiles } from "./nginxMonitoring";
import { paths } from "./paths";
import { pm2Files } from "./pm2";
import { prometheusFiles } from "./prometheus";
import { redisFiles } from "./redis";
import { rolesFiles } from "./roles";
import { tlsFiles } from "./tls";
import type { AppHostSpec, BundleFile, HostBundle, HostSpec, MonitoringHostSpec } from "./types";

/**
 * Everything that a VPS runs, as files. Pure: equal specs give equal bundles with equal versions,
 * so a preview shows a change exactly when something on the host will change.
 */
export function renderBundle(spec: HostSpec): HostBundle {
  checkSpec(spec);
  const files = [
    ...applyFiles(spec),
    ...rolesFiles(spec),
    ...metricsFiles(),
    ...prometheusFiles(spec),
    ...backupFiles(spec),
    ...(spec.role === "app" ? appFiles(spec) : monitoringFiles(spec)),
  ].sort((a, b) => (a.path < b.path ? -1 : 1));
  const twice = files.find((file, index) => file.path === files[index + 1]?.path);
  if (twice) throw new Error(`host bundle: two files for ${twice.path}`);
  return { version: digest(files), files };
}

function appFiles(spec: AppHostSpec): readonly BundleFile[] {
  return [
    ...nginxFiles(spec),
    ...tlsFiles(spec),
    ...pm2Files(spec),
    ...redisFiles(spec),
    ...accessLogFiles(),
  ];
}

function monitoringFiles(spec: MonitoringHostSpec): readonly BundleFile[] {
  return [...monitoringNginxFiles(spec), program(`${paths.lib}/probe`, "probe.py")];
}

function digest(files: readonly BundleFile[]): string {
  const hash = createHash("sha256");
  for (const file of files) {
    for (const part of [file.path, file.mode, file.content]) {
      // With lengths, no two lists of files run together into the same bytes.
      hash.update(`${Buffer.byteLength(part)}:`).update(part);
    }
  }
  return hash.digest("hex");
}
