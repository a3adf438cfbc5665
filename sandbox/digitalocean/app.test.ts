import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DeploymentFailed, Unopenable } from "../apps";
import { diffInputs } from "../cloud/diff";
import type { Values } from "../cloud/kind";
import { HalfMade } from "../cloud/operations";
import type { CloudResource } from "../contracts";
import { digitalocean } from ".";
import { TestCloud } from "./testing/testCloud";

let cloud: TestCloud;
let vpc: CloudResource;
beforeEach(async () => {
  cloud = new TestCloud([digitalocean]);
  vpc = await cloud.create("Vpc", "vpc", { name: "n", region: "fra1", ipRange: "10.120.0.0/20" });
});
afterEach(() => {
  cloud.close();
});

interface Change extends Values {
  readonly web?: Values;
  readonly worker?: Values;
  readonly job?: Values;
}

const autoscaling = {
  ...{ minInstanceCount: 2, maxInstanceCount: 6 },
  metrics: { cpu: { percent: 70 } },
};

/** A spec as the stack has it, with a change of one of its parts. */
function spec({ web, worker, job, ...rest }: Change = {}): Values {
  const image = { registryType: "DOCR", repository: "drops", digest: cloud.image };
  const envs = [{ key: "DATABASE_URL", value: "hunter2", scope: "RUN_TIME", type: "SECRET" }];
  const check = { httpPath: "/healthz", periodSeconds: 10, failureThreshold: 9 };
  return {
    ...{ name: "drops-medium", region: "fra", vpcs: [{ id: vpc.id }] },
    services: [
      {
        ...{ name: "web", image, instanceSizeSlug: "apps-d-1vcpu-2gb", httpPort: 3000 },
        ...{ autoscaling, envs, healthCheck: check, livenessHealthCheck: check },
        termination: { drainSeconds: 60, gracePeriodSeconds: 120 },
        ...web,
      },
    ],
    workers: [
      {
        ...{ name: "worker", image, instanceSizeSlug: "apps-s-1vcpu-0.5gb", instanceCount: 1 },
        ...{ envs, runCommand: "node dist/worker.js" },
        ...worker,
      },
    ],
    jobs: [
      {
        ...{ name: "migrate", kind: "PRE_DEPLOY", image, envs },
        runCommand: "node dist/migrate.js",
        ...job,
      },
    ],
    ...rest,
  };
}

const make = async (change?: Change, logical = "app"): Promise<CloudResource> =>
  await cloud.create("App", logical, { spec: spec(change) }, "medium");

describe("App", () => {
  it("is deployed, and says where it answers", async () => {
    const made = await make();
    expect(cloud.calls).toEqual([["apps.deploy", made.id, spec()]]);
    const host = "drops-abcde.ondigitalocean.app.localhost";
    expect(made.outputs).toMatchObject({
      ...{ activeDeploymentId: "deployment-3", appUrn: `do:app:${made.id}` },
      ...{ defaultIngress: `https://${host}`, liveUrl: `https://${host}`, liveDomain: host },
      dedicatedIps: [],
    });
    await cloud.delete(made);
    expect(cloud.calls.at(-1)).toEqual(["apps.remove", made.id]);
  });

  it("tells its secrets encrypted, and is compared with what it tells", async () => {
    const made = await make();
    const told = made.outputs["spec"] as ReturnType<typeof spec>;
    expect(JSON.stringify(told)).not.toContain("hunter2");
    expect(JSON.stringify(told)).toContain("EV[1:");
    expect(cloud.kind("App").told).toEqual(["spec"]);
    cloud.failure = new Unopenable("not for this app");
    await expect(make({ name: "other" }, "other")).rejects.toThrow(
      'error validating app spec field "envs": not for this app',
    );
  });

  it("has its primary domain as its live one, and its own name all the same", async () => {
    const { outputs } = await make({
      domainNames: [
        { name: "www.example.org", type: "ALIAS" },
        { name: "example.org", type: "PRIMARY" },
      ],
    });
    expect(outputs).toMatchObject({ liveUrl: "https://example.org", liveDomain: "example.org" });
    expect(outputs["defaultIngress"]).toContain(".ondigitalocean.app.localhost");
  });

  it("changes in place, whatever it is, and is a new deployment each time", async () => {
    const kind = cloud.kind("App");
    const changes = [{ region: "ams" }, { name: "other" }, { web: { httpPort: 4000 } }];
    for (const change of changes) {
      const diff = diffInputs(kind, { spec: spec() }, { spec: spec(change) });
      expect(diff).toHaveLength(1);
      expect(diff[0]?.replace).toBe(false);
    }
    expect(diffInputs(kind, { projectId: "a" }, { projectId: "b" })[0]?.replace).toBe(true);
    const made = await make();
    const updated = await cloud.update(made, { spec: spec({ web: { httpPort: 4000 } }) });
    expect(updated.outputs["activeDeploymentId"]).not.toBe(made.outputs["activeDeploymentId"]);
    expect(updated.outputs["createdAt"]).toBe(made.outputs["createdAt"]);
  });

  it("that fails to deploy stays as it was, and the words are the provider's", async () => {
    const made = await make();
    cloud.failure = new DeploymentFailed("error deploying app (x) (deployment ID: y):\nwhy");
    const error: unknown = await cloud
      .update(made, { spec: spec({ web: { httpPort: 4000 } }) })
      .catch((thrown: unknown) => thrown);
    expect((error as Error).message).toBe(cloud.failure.message);
    expect(error).not.toBeInstanceOf(HalfMade);
    expect(cloud.world.get(made.type, made.id)).toEqual(made);
  });

  it("whose first deployment fails is there all the same, and is tried again", async () => {
    cloud.failure = new DeploymentFailed("why");
    const error: unknown = await make().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(HalfMade);
    const { resource } = error as HalfMade;
    expect(cloud.world.get(resource.type, resource.id)).toMatchObject({ ready: false, told: true });
    cloud.failure = undefined;
    expect(await cloud.update(resource, {})).toMatchObject({ ready: true });
    expect(cloud.calls.at(-1)?.slice(0, 2)).toEqual(["apps.deploy", resource.id]);
  });

  it("keeps its network from going while it is there", async () => {
    await make();
    await expect(cloud.delete(vpc)).rejects.toThrow("Can not delete VPC with members (app)");
  });

  it("says what nothing runs for", () => {
    const alerts = [{ rule: "DEPLOYMENT_FAILED" }];
    expect(cloud.recorded("App", { spec: spec({ alerts }) })).toBe(
      "its containers run as processes of this machine; nothing runs for alerts, limits of memory and CPU",
    );
  });
});

describe("an app is refused in a preview", () => {
  const preview = (change: Change): readonly string[] =>
    cloud.preview("App", { spec: spec(change) });

  it("never when it is good", () => {
    expect(preview({})).toEqual([]);
  });

  it.each<[string, Change, string]>([
    ["name's length", { name: "x".repeat(33) }, "spec.name: Too big"],
    ["drain", { web: { termination: { drainSeconds: 111 } } }, "termination.drainSeconds: Too big"],
    ["no drain", { web: { termination: { drainSeconds: 0 } } }, "drainSeconds: Too small"],
    ["grace", { worker: { termination: { gracePeriodSeconds: 601 } } }, "Seconds: Too big"],
    [
      "a drain of a worker",
      { worker: { termination: { drainSeconds: 5 } } },
      "spec.workers[0].termination.drainSeconds: digitalocean:index/app:App has no such property",
    ],
    [
      "target",
      { web: { autoscaling: { ...autoscaling, metrics: { cpu: { percent: 101 } } } } },
      "percent: Too big",
    ],
    [
      "a metric of the API alone",
      { web: { autoscaling: { ...autoscaling, metrics: { requests: 1 } } } },
      "has no such property",
    ],
    ["kind of job", { job: { kind: "BEFORE" } }, "spec.jobs[0].kind: Invalid option"],
    [
      "registry",
      { web: { image: { registryType: "ECR", repository: "x" } } },
      "registryType: Invalid",
    ],
    ["alert rule", { alerts: [{ rule: "CPU_UTILIZATION" }] }, "spec.alerts[0].rule: Invalid"],
    [
      "alert window",
      {
        web: {
          alerts: [{ rule: "CPU_UTILIZATION", operator: "GREATER_THAN", value: 70, window: "5m" }],
        },
      },
      "window: Invalid option",
    ],
    [
      "alert operator",
      {
        web: { alerts: [{ rule: "CPU_UTILIZATION", operator: ">", value: 1, window: "ONE_HOUR" }] },
      },
      "operator: Invalid option",
    ],
    [
      "domain type",
      { domainNames: [{ name: "example.org", type: "MAIN" }] },
      "type: Invalid option",
    ],
  ])("for its %s", (_, change, message) => {
    expect(preview(change).join()).toContain(message);
  });

  it("without a secret in what is said", () => {
    const envs = [{ key: "TOKEN", value: "hunter2", scope: "ALWAYS" }];
    expect(preview({ web: { envs } }).join()).not.toContain("hunter2");
    expect(preview({ web: { envs: "hunter2" } }).join()).toContain("[secret]");
    expect(preview({ services: "hunter2" }).join()).toContain("[secret]");
    expect(preview({ region: 7 }).join()).toContain("got 7");
  });
});

describe("an app is refused by the cloud", () => {
  const digest = `sha256:${"0".repeat(64)}`;
  const image = (change: Values): Change => ({
    web: { image: { registryType: "DOCR", repository: "drops", digest: cloud.image, ...change } },
  });
  const size = (web: Values): Change => ({ web: { instanceSizeSlug: "apps-d-1vcpu-2gb", ...web } });

  it.each<[string, () => Change, string]>([
    ["name", () => ({ name: "Drops" }), 'app spec field "name": must be 2 to 32 lower-case'],
    ["region", () => ({ region: "fra1" }), '"region": "fra1" is none; allowed: ams, blr, fra'],
    ["network", () => ({ vpcs: [{ id: "none" }] }), 'there is no Vpc "none"'],
    [
      "network's region",
      () => ({ region: "ams" }),
      "is in fra1, the app in ams: one region has both",
    ],
    ["size", () => size({ instanceSizeSlug: "apps-x" }), 'there is no size "apps-x"'],
    [
      "autoscaling on a shared size",
      () => size({ instanceSizeSlug: "apps-s-1vcpu-1gb" }),
      "takes an instance size with dedicated CPU, got apps-s-1vcpu-1gb",
    ],
    [
      "count beside autoscaling",
      () => size({ instanceCount: 2 }),
      "must not be set if autoscaling",
    ],
    [
      "minimum",
      () => size({ autoscaling: { ...autoscaling, minInstanceCount: 6 } }),
      "must be more than min_instance_count 6, got 6",
    ],
    [
      "nothing to scale by",
      () => size({ autoscaling: { ...autoscaling, metrics: {} } }),
      "at least one metric",
    ],
    [
      "count on a fixed size",
      () => ({ worker: { instanceCount: 2 } }),
      "apps-s-1vcpu-0.5gb has one",
    ],
    ["no instances", () => ({ worker: { instanceCount: 0 } }), "must be at least 1, got 0"],
    [
      "containers",
      () => size({ autoscaling: { ...autoscaling, maxInstanceCount: 250 } }),
      "at most 250 containers, got 251",
    ],
    ["unknown image", () => image({ digest }), `drops@${digest} was not found in the registry`],
    ["digest", () => image({ digest: "sha256:1" }), "must be sha256: and 64 hexadecimal digits"],
    ["tag beside a digest", () => image({ tag: "1" }), "cannot be specified if tag is provided"],
    ["tag", () => image({ digest: undefined, tag: "1" }), "drops:1 was not found"],
    ["registry for DOCR", () => image({ registry: "x" }), "must be empty for registry type DOCR"],
    [
      "login for DOCR",
      () => image({ registryCredentials: "u:t" }),
      "must be empty for registry type",
    ],
    ["no registry", () => image({ registryType: "GHCR" }), "must be set for registry type GHCR"],
    [
      "login",
      () => image({ registryType: "GHCR", registry: "x", registryCredentials: "token" }),
      "must be in the format username:token",
    ],
    ["no type", () => image({ registryType: "UNSPECIFIED" }), "registry_type"],
    ["no image", () => ({ web: { image: undefined } }), "exactly one of image, git"],
    [
      "source",
      () => ({ web: { image: undefined, git: { repoCloneUrl: "x" } } }),
      "the embedded cloud builds nothing",
    ],
    ["component's name", () => ({ worker: { name: "Worker" } }), "workers[Worker].name"],
    [
      "names",
      () => ({ job: { name: "web" } }),
      'must be unique within an app, "web" is there twice',
    ],
    ["variables", () => ({ web: { envs: [{ key: "A" }, { key: "A" }] } }), '"A" is there twice'],
    ["the app's own variables", () => ({ envs: [{ key: "1A" }] }), 'no digit first, got "1A"'],
    [
      "a variable without a name",
      () => ({ web: { envs: [{ value: "x" }] } }),
      "services[web].envs.key",
    ],
    ["command", () => ({ job: { runCommand: "bin/migrate" } }), "runs Node programs alone"],
    ["port", () => ({ web: { httpPort: 70_000 } }), "must be between 1 and 65535, got 70000"],
    [
      "health check",
      () => ({ web: { healthCheck: { periodSeconds: 0 } } }),
      'health_check.period_seconds": must be between 1 and 300, got 0',
    ],
    [
      "liveness check",
      () => ({ web: { livenessHealthCheck: { successThreshold: 2 } } }),
      'success_threshold": must be 1, got 2',
    ],
    ["path", () => ({ web: { healthCheck: { httpPath: "healthz" } } }), 'must begin with "/"'],
    [
      "alert without a rule",
      () => ({
        web: {
          alerts: [
            { rule: "UNSPECIFIED_RULE", operator: "LESS_THAN", value: 1, window: "ONE_HOUR" },
          ],
        },
      }),
      "UNSPECIFIED_RULE is no value",
    ],
    ["domain", () => ({ domainNames: [{ name: "nowhere" }] }), '"nowhere" is no host name'],
    [
      "domain twice",
      () => ({ domainNames: [{ name: "a.org" }, { name: "a.org" }] }),
      "is there twice",
    ],
    [
      "two primary domains",
      () => ({ domainNames: ["a.org", "b.org"].map((name) => ({ name, type: "PRIMARY" })) }),
      "only one domain may be PRIMARY",
    ],
    [
      "domains twice over",
      () => ({ domainNames: [{ name: "a.org" }], domains: ["b.org"] }),
      'conflicts with "domains"',
    ],
    [
      "route to nobody",
      () => ({ ingress: { rules: [{ component: { name: "api" } }] } }),
      'there is no service "api"',
    ],
    [
      "route to nowhere",
      () => ({ ingress: { rules: [{}] } }),
      "exactly one of component and redirect",
    ],
    ["jobs alone", () => ({ services: [], workers: [] }), "at least one component that is no job"],
    [
      "database of its own",
      () => ({ databases: [{ name: "db" }] }),
      "runs services, workers and jobs from images alone",
    ],
  ])("for its %s", async (_, change, message) => {
    await expect(make(change())).rejects.toThrow(message);
    expect(cloud.calls).toEqual([]);
  });

  it("without a spec, and for a name that another has", async () => {
    await expect(cloud.create("App", "app", {})).rejects.toThrow("app spec is required");
    const made = await make();
    await expect(make({}, "second")).rejects.toThrow('app name "drops-medium" is already in use');
    const domainNames = [{ name: "example.org" }];
    await make({ name: "second", domainNames }, "second");
    await expect(make({ name: "third", domainNames }, "third")).rejects.toThrow(
      'domain "example.org" is already in use by another app',
    );
    // Its own name is its own.
    await cloud.update(made, { spec: spec({ web: { httpPort: 4000 } }) });
  });

  it("and takes a worker without a check, a health check by port and images elsewhere", async () => {
    const elsewhere = { registryType: "GHCR", registry: "octocat", registryCredentials: "u:t" };
    await make({ ...image(elsewhere), worker: { livenessHealthCheck: { port: 8080 } } });
  });
});
