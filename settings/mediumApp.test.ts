import { describe, expect, it } from "vitest";
import { expectRefused, pathSet as set, problemsOfStack, type Refusal } from "./testStacks";

const digest = `sha256:${"a".repeat(64)}`;
const dedicated =
  "apps-d-1vcpu-0.5gb, apps-d-1vcpu-1gb, apps-d-1vcpu-2gb, apps-d-1vcpu-4gb, apps-d-2vcpu-4gb, apps-d-2vcpu-8gb, apps-d-4vcpu-8gb, apps-d-4vcpu-16gb, apps-d-8vcpu-32gb";
const scalable = `apps-s-1vcpu-1gb, apps-s-1vcpu-2gb, apps-s-2vcpu-4gb, ${dedicated}`;
const external = [
  "postgres.provider=external",
  "postgres.ownerUrl=postgresql://owner:hunter2@db.example.com/drops",
  "postgres.url=postgresql://u:p@db.example.com/drops",
];

/** The app, its worker and its image: settings that are wrong in one way, and the whole answer. */
const refused: readonly Refusal[] = [
  [
    "autoscaling on shared vCPUs",
    ["app.size=apps-s-1vcpu-2gb"],
    "app.size",
    "apps-s-1vcpu-2gb, an instance with shared vCPUs",
    `${dedicated}: App Platform follows the load only with dedicated vCPUs (apps-d-*)`,
    set("app.size", "apps-d-1vcpu-2gb"),
  ],
  [
    "less at the most than at least",
    ["app.minInstances=4", "app.maxInstances=3"],
    "app.maxInstances",
    "3, with drops:app.minInstances 4",
    "more than minInstances: App Platform's autoscaling needs room between the two",
    set("app.maxInstances", "5"),
  ],
  [
    "no room between least and most",
    ["app.maxInstances=2"],
    "app.maxInstances",
    "2, with drops:app.minInstances 2",
    "more than minInstances: App Platform's autoscaling needs room between the two",
    set("app.maxInstances", "3"),
  ],
  [
    "more instances than an app may have",
    ["app.maxInstances=251"],
    "app.maxInstances",
    "251",
    "a whole number from 2 to 250",
    set("app.maxInstances", "6"),
  ],
  [
    "one instance, which is not available while it is replaced",
    ["app.minInstances=1"],
    "app.minInstances",
    "1",
    "a whole number from 2 to 250",
    set("app.minInstances", "2"),
  ],
  [
    "two of a worker of which there is one",
    ["worker.instances=2"],
    "worker.instances",
    "2 of apps-s-1vcpu-0.5gb",
    `0 or 1 of that size; more of ${scalable}`,
    `${set("worker.size", "apps-s-1vcpu-1gb")}, or ${set("worker.instances", "1")}`,
  ],
  [
    "two of a fixed worker",
    ["worker.instances=2", "worker.size=apps-s-1vcpu-1gb-fixed"],
    "worker.instances",
    "2 of apps-s-1vcpu-1gb-fixed",
    `0 or 1 of that size; more of ${scalable}`,
    `${set("worker.size", "apps-s-1vcpu-1gb")}, or ${set("worker.instances", "1")}`,
  ],
  [
    "credentials for the account's own registry",
    [`image=registry.digitalocean.com/ours/drops@${digest}`, "registryCredentials=me:TOKEN"],
    "registryCredentials",
    "[secret], with an image of DigitalOcean's own registry",
    "nothing: App Platform reads the account's registry by itself",
    "pulumi config rm --stack medium 'drops:registryCredentials'",
  ],
  [
    "credentials without a user",
    ["registryCredentials=TOKEN"],
    "registryCredentials",
    "[secret] in another form",
    "USER:TOKEN",
    "pulumi config set --stack medium --secret 'drops:registryCredentials'",
  ],
  [
    "a drain longer than App Platform's",
    ["app.drainSeconds=111"],
    "app.drainSeconds",
    "111",
    "a whole number from 1 to 110",
    set("app.drainSeconds", "60"),
  ],
  [
    "a grace longer than App Platform's",
    ["app.graceSeconds=601"],
    "app.graceSeconds",
    "601",
    "a whole number from 1 to 600",
    set("app.graceSeconds", "120"),
  ],
];

describe("a medium configuration is refused", () => {
  it.each(refused)("for %s", (_, settings, ...problem) => {
    expectRefused("medium", settings, problem);
  });

  it("for containers beyond an app's, the worker's counted", () => {
    const problems = problemsOfStack("medium", [
      "app.maxInstances=250",
      ...external,
      "postgres.connectionLimit=10000",
    ]);
    expect(problems).toEqual([
      {
        key: "drops:app.maxInstances",
        got: "250 instances + 1 of the worker = 251 containers",
        allowed: "at most the 250 of an app",
        fix: set("app.maxInstances", "249"),
      },
    ]);
  });

  it("for an image without a digest", () => {
    expect(problemsOfStack("medium", ["image=ghcr.io/acme/drops:v1"])).toMatchObject([
      {
        key: "drops:image",
        got: '"ghcr.io/acme/drops:v1", without a digest: a tag can be moved, and every instance pulls for itself',
        fix: "pulumi config set --stack medium 'drops:image' ghcr.io/acme/drops@sha256:DIGEST",
      },
    ]);
  });

  it.each(["a-name-that-is-far-too-long", "tail-"])("for the name %s", (stack) => {
    expect(problemsOfStack("medium", [], [], stack)).toEqual([
      {
        key: "the stack's name",
        got: `"${stack}"`,
        allowed:
          "up to 26 characters, the last a letter or digit: the app is called drops-<stack>, and App Platform takes 32",
        fix: "pulumi stack rename prod",
      },
    ]);
  });
});
