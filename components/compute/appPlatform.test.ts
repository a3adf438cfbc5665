import type { Input } from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { record, type Answer, type RegisteredResource } from "../../report/compose";
import { editedRules } from "../../tiers/thresholds";
import { planAlarms } from "../alarms/plan";
import { AppPlatform, appTargets, type AppPlatformArgs, type AppPlatformSpec } from "./appPlatform";
import type { SealedSecrets } from "./appSecrets";

const spec: AppPlatformSpec = {
  name: "drops-test",
  stack: "test",
  region: "fra",
  image: {
    registryType: "GHCR",
    registry: "owner",
    repository: "drops",
    digest: `sha256:${"a".repeat(64)}`,
  },
  web: {
    size: "apps-d-1vcpu-2gb",
    memoryGib: 2,
    minInstances: 2,
    vcpus: 1,
    maxInstances: 6,
    cpuPercent: 70,
    port: 3000,
    livePath: "/healthz",
    readyPath: "/readyz",
    drainSeconds: 60,
    graceSeconds: 120,
  },
  worker: { size: "apps-s-1vcpu-0.5gb", memoryGib: 0.5, instances: 1, graceSeconds: 120 },
  secretsRevision: 1,
  migrateSize: "apps-s-1vcpu-0.5gb",
};
const recipients = { emails: ["ops@example.com"], slackChannel: "#ops", webhook: false };
const { alarms } = planAlarms({ rules: editedRules({}), targets: appTargets(spec), recipients });

const args = (changes: Partial<AppPlatformArgs> = {}): AppPlatformArgs => ({
  spec,
  vpcId: "vpc",
  environment: {
    web: {
      plain: { PORT: "3000", DROPS_TIER: "medium", PUBLIC_URL: undefined },
      secret: { DATABASE_URL: "postgresql://app:hunter2@db/drops", REDIS_URL: undefined },
    },
    worker: { plain: {}, secret: { DATABASE_URL: "postgresql://app:hunter2@db/drops" } },
    migrate: { plain: {}, secret: { MIGRATION_DATABASE_URL: "postgresql://owner:x@db/drops" } },
  },
  sealed: {},
  alerts: { alarms, recipients, slackUrl: "https://hooks.slack.com/services/T/B/x" },
  ...changes,
});

interface Component {
  name: string;
  envs: { key: string; value: string; type: string; scope: string }[];
  alerts?: { rule: string; value?: number; window?: string; operator?: string }[];
  image: Record<string, unknown>;
  [key: string]: unknown;
}
interface Spec {
  services: Component[];
  workers?: Component[];
  jobs: Component[];
  alerts: object[];
  [key: string]: unknown;
}

async function composedWith(
  changes: Partial<AppPlatformArgs>,
  answer?: Answer,
): Promise<{ app: RegisteredResource; spec: Spec; outputs: Readonly<Record<string, unknown>> }> {
  const program = {
    prepare: () => undefined,
    compose: () => {
      const { sealed, ingressHost } = new AppPlatform("app", args(changes));
      return { outputs: { sealed, ingressHost } };
    },
  };
  const { resources, outputs } = await record(
    "test",
    { values: {}, secretKeys: [] },
    program,
    answer,
  );
  const app = resources.find(({ type }) => type === "digitalocean:index/app:App");
  if (!app) throw new Error("there is no app");
  return { app, spec: app.inputs.spec as Spec, outputs };
}

describe("the app on App Platform", () => {
  it("scales by CPU from two instances, and no deploy says how many there are", async () => {
    const { app, spec: told } = await composedWith({});
    expect(told.services[0]).toMatchObject({
      name: "web",
      instanceSizeSlug: "apps-d-1vcpu-2gb",
      httpPort: 3000,
      autoscaling: {
        minInstanceCount: 2,
        maxInstanceCount: 6,
        metrics: { cpu: { percent: 70 } },
      },
      healthCheck: { httpPath: "/readyz", failureThreshold: 9 },
      livenessHealthCheck: { httpPath: "/healthz" },
      termination: { drainSeconds: 60, gracePeriodSeconds: 120 },
    });
    expect(told.services[0]).not.toHaveProperty("instanceCount");
    expect(app.ignoreChanges).toEqual(["spec.services[0].instanceCount"]);
  });

  it("migrates before each deploy, and works in the background, from the one image", async () => {
    const { spec: told } = await composedWith({});
    expect(told.jobs).toHaveLength(1);
    expect(told.jobs[0]).toMatchObject({
      name: "migrate",
      kind: "PRE_DEPLOY",
      runCommand: "node dist/migrate.js",
    });
    expect(told.workers?.[0]).toMatchObject({
      name: "worker",
      runCommand: "node dist/worker.js",
      instanceCount: 1,
    });
    for (const { image } of [...told.services, ...(told.workers ?? []), ...told.jobs]) {
      expect(image).toEqual({ ...spec.image });
    }
  });

  it("orders the variables, leaves out what is not set, and encrypts the secrets", async () => {
    const { spec: told } = await composedWith({});
    expect(told.services[0]?.envs).toEqual([
      { key: "DATABASE_URL", value: "[secret]", scope: "RUN_TIME", type: "SECRET" },
      { key: "DROPS_TIER", value: "medium", scope: "RUN_TIME", type: "GENERAL" },
      { key: "PORT", value: "3000", scope: "RUN_TIME", type: "GENERAL" },
    ]);
    expect(JSON.stringify(told)).not.toContain("hunter2");
  });

  it("has one alert of a kind for each component, with its own receivers", async () => {
    const { spec: told } = await composedWith({});
    const destinations = {
      emails: ["ops@example.com"],
      slackWebhooks: [{ channel: "#ops", url: "[secret]" }],
    };
    const alert = (rule: string, value: number, window: string) => ({
      ...{ rule, operator: "GREATER_THAN", value, window, disabled: false, destinations },
    });
    const component = [
      alert("CPU_UTILIZATION", 70, "TEN_MINUTES"),
      alert("MEM_UTILIZATION", 90, "FIVE_MINUTES"),
      alert("RESTART_COUNT", 3, "TEN_MINUTES"),
    ];
    expect(told.services[0]?.alerts).toEqual(component);
    expect(told.workers?.[0]?.alerts).toEqual(component);
    expect(told.alerts).toEqual([{ rule: "DEPLOYMENT_FAILED", disabled: false, destinations }]);
  });

  it("serves a domain itself only where it is told to", async () => {
    expect((await composedWith({})).spec).not.toHaveProperty("domainNames");
    const { spec: told } = await composedWith({ spec: { ...spec, domain: "drops.example.com" } });
    expect(told.domainNames).toEqual([{ name: "drops.example.com", type: "PRIMARY" }]);
  });

  it("fetches a private image with credentials that no report shows", async () => {
    const { spec: told } = await composedWith({ registryCredentials: "octocat:hunter3" });
    for (const { image } of [...told.services, ...(told.workers ?? []), ...told.jobs]) {
      expect(image.registryCredentials).toBe("[secret]");
    }
  });

  it("has no worker where none is wanted", async () => {
    const { spec: told } = await composedWith({ spec: { ...spec, worker: undefined } });
    expect(told).not.toHaveProperty("workers");
  });

  it("can be overridden", async () => {
    const { app } = await composedWith({ overrides: { app: { projectId: "ours" } } });
    expect(app.inputs).toMatchObject({ projectId: "ours", spec: { name: "drops-test" } });
  });
});

describe("secrets that the platform has sealed", () => {
  const url = "postgresql://app:hunter2@db/drops";
  const environment = (value: Input<string>): AppPlatformArgs["environment"] => ({
    web: { plain: {}, secret: { DATABASE_URL: value } },
    worker: { plain: {}, secret: {} },
    migrate: { plain: {}, secret: {} },
  });
  /** What is sent, in plain text: it is a secret on its way. */
  async function sent(value: string, sealed: SealedSecrets, revision = 1): Promise<string> {
    let text = "";
    const { toSend } = await import("./appSecrets");
    await record(
      "test",
      { values: {}, secretKeys: [] },
      {
        prepare: () => undefined,
        compose: () => {
          const told = toSend("web/DATABASE_URL", value, sealed, {
            app: "fra/drops-test",
            revision,
          });
          return { outputs: { told: told.apply((plain) => (text = plain)) } };
        },
      },
    );
    return text;
  }

  /** After a deploy the platform tells the secret sealed. */
  async function sealedFrom(value: string): Promise<SealedSecrets> {
    let sealed: SealedSecrets = {};
    const answer: Answer = () => ({
      id: "1",
      outputs: {
        defaultIngress: "https://drops-test-abcde.ondigitalocean.app",
        spec: {
          name: "drops-test",
          services: [
            {
              name: "web",
              envs: [
                { key: "DATABASE_URL", value: "EV[1:abc:def]", type: "SECRET" },
                { key: "PORT", value: "3000", type: "GENERAL" },
              ],
            },
          ],
        },
      },
    });
    const program = {
      prepare: () => undefined,
      compose: () => {
        const app = new AppPlatform("app", args({ environment: environment(value) }));
        return { outputs: { sealed: app.sealed.apply((found) => (sealed = found)) } };
      },
    };
    await record("test", { values: {}, secretKeys: [] }, program, answer);
    return sealed;
  }

  it("are sent back as it told them while they stay the same", async () => {
    const sealed = await sealedFrom(url);
    expect(sealed["web/DATABASE_URL"]?.sealed).toBe("EV[1:abc:def]");
    expect(JSON.stringify(sealed)).not.toContain("hunter2");
    expect(await sent(url, sealed)).toBe("EV[1:abc:def]");
  });

  it("are sent in plain text when they change, and at first", async () => {
    const changed = "postgresql://app:hunter3@db/drops";
    expect(await sent(changed, await sealedFrom(url))).toBe(changed);
    expect(await sent(url, {})).toBe(url);
  });

  it("are sent in plain text when they are to be sent anew", async () => {
    expect(await sent(url, await sealedFrom(url), 2)).toBe(url);
  });

  it("are not taken for sealed where the platform did not seal them", async () => {
    const { outputs } = await composedWith({}, () => ({
      id: "1",
      outputs: { defaultIngress: "https://drops-test-abcde.ondigitalocean.app" },
    }));
    expect(outputs).toEqual({
      sealed: "[secret]",
      ingressHost: "drops-test-abcde.ondigitalocean.app",
    });
  });
});
