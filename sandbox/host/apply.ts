import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { paths } from "../../host/paths";
import { ensureCertificate, ensurePlaceholder } from "./certificate";
import { composeFiles } from "./compose";
import { textIn } from "../files";
import { grantRights } from "./grants";
import { Failed, type Output } from "./outcome";
import type { HostParts } from "./parts";
import { writeTrustedAuthorities } from "./relocation";
import { readSettings, secretOf, type HostSettings } from "./settings";

/**
 * Puts an installed bundle into effect, step by step as host/files/apply.sh does, with its words.
 * What the host can do without for a while is reported at the end instead of stopping the rest.
 *
 * @param changed What changed since the last success, by path on the host; grows by composed files.
 * @param keep Called when it has grown.
 */
export async function applyBundle(
  host: HostParts,
  changed: Set<string>,
  keep: () => void,
  output: Output,
): Promise<void> {
  const { root } = host.place;
  const settings = readSettings(root);
  if (!settings) throw new Failed(`${paths.etc}/host.env: No such file or directory`);
  requireSecrets(root);
  if (settings.role === "app") {
    for (const path of ["var/lib/drops-app/pm2", "var/log/drops", "srv/drops/releases"]) {
      mkdirSync(join(root, path), { recursive: true });
    }
    mkdirSync(root + paths.acme, { recursive: true });
  }
  composeFiles(root, settings, changed);
  writeTrustedAuthorities(root, host.authority);
  keep();

  const run = new Run(host, settings, changed, output);
  await run.redis();
  await run.rights();
  await run.certificate();
  await run.web();
  await run.app();
  run.end();
}

function requireSecrets(root: string): void {
  const file = `${paths.etc}/required-secrets`;
  const names = textIn(root + file);
  if (names === undefined) throw new Failed(`${file}: No such file or directory`);
  for (const name of names.split("\n").filter(Boolean)) {
    if (textIn(`${root}${paths.secrets}/${name}`)) continue;
    throw new Failed(`apply: this bundle needs the secret ${name}, which was not sent`);
  }
}

/** One pass through the services. */
class Run {
  private readonly problems: string[] = [];
  private hasNewCertificate = false;

  constructor(
    private readonly host: HostParts,
    private readonly settings: HostSettings,
    private readonly changed: ReadonlySet<string>,
    private readonly output: Output,
  ) {}

  async redis(): Promise<void> {
    const { redis } = this.host;
    if (!this.settings.redisOnHost) {
      await redis.stop();
    } else if (this.has(/^\/etc\/drops\/redis\.conf|\/redis-server\.service/) || !redis.isActive) {
      if (redis.isInstalled) this.say("restarting redis-server");
      else this.say("redis-server is not installed on this machine: the app does without");
      await redis.start();
    }
  }

  async rights(): Promise<void> {
    if (!this.settings.grantRoles) return;
    const { place, timing } = this.host;
    const patience = { tries: timing.grantTries, pauseMs: timing.grantPauseMs };
    if (!(await grantRights(place.root, this.host.authority, patience, this.output))) {
      this.problem("the database's roles were not granted their rights");
    }
  }

  async web(): Promise<void> {
    const { place, receiver, web } = this.host;
    if (this.settings.role === "monitoring") await receiver.start();
    else await receiver.stop();
    if (this.settings.site !== "address") await ensurePlaceholder(place.root, this.settings);
    await web.check();
    if (this.has(/\/nginx\.service\.d\//) || !web.isActive) await web.start();
    else if (this.hasNewCertificate || this.has(/^\/etc\/nginx\/|\/metrics-token\.conf/)) {
      await web.reload();
    }
  }

  async app(): Promise<void> {
    const { app } = this.host;
    if (!app.isReleased) return;
    if (!app.isActive || this.has(/\/ecosystem\.config\.js|\/drops-app\.service/)) {
      this.say("starting the app");
      await app.restart();
    } else if (this.has(/\/app\.env\.json/)) {
      this.say("reloading the app");
      await app.reload();
    }
  }

  /** Before the web server: no challenge has to be answered, and clients never see a placeholder. */
  async certificate(): Promise<void> {
    const { site, names } = this.settings;
    const { place, authority, isRecordOf } = this.host;
    if (site === "address") return;
    const isAllowed =
      site === "proxied"
        ? secretOf(place.root, "acme-token") !== undefined
        : names.every(isRecordOf);
    if (isAllowed) {
      this.hasNewCertificate = await ensureCertificate(place.root, this.settings, authority);
      if (this.hasNewCertificate) this.output.say(`certificate: in use for ${names.join(" ")}`);
    } else if (site === "proxied") {
      this.problem(`no certificate for ${names.join(" ")}: there is no acme-token`);
    } else {
      // The domain can point here only once this host has its address: no reason to fail the deploy.
      this.say(
        `no certificate yet for ${names.join(" ")}; tried again by the next apply (is its DNS record set?)`,
      );
    }
  }

  /** Did everything stay up? */
  end(): void {
    const { redis, web, app } = this.host;
    const running = [
      {
        unit: "redis-server",
        isUp: !this.settings.redisOnHost || !redis.isInstalled || redis.isActive,
      },
      { unit: "nginx", isUp: web.isActive },
      { unit: "drops-app", isUp: !app.isReleased || app.isActive },
    ];
    for (const { unit, isUp } of running) {
      if (!isUp) this.problem(`${unit} does not stay up`);
    }
    if (this.problems.length > 0) {
      throw new Failed(this.problems.map((problem) => `apply: ${problem}`).join("\n"));
    }
    this.say("done");
  }

  private has(pattern: RegExp): boolean {
    return [...this.changed].some((path) => pattern.test(path));
  }

  private say(text: string): void {
    this.output.say(`apply: ${text}`);
  }

  private problem(text: string): void {
    this.problems.push(text);
    this.output.complain(`apply: problem: ${text}`);
  }
}
