import { DeploymentFailed, Unopenable, type AppSpec } from "../apps";
import { domainsOf } from "../apps/spec";
import { CloudError, type Kind, type Made, type Operation, type Values } from "../cloud/kind";
import { appInputs } from "./appInputs";
import { refuseApp, specOf } from "./appRules";
import { ProviderError } from "./refusal";
import { now } from "./shapes";
import { vpcType } from "./vpc";

const appType = "digitalocean:index/app:App";

/** Containers on App Platform: each change of the spec is a deployment, in place. */
export const app: Kind = {
  type: appType,
  inputs: appInputs,
  sensitive: [
    ...["spec.envs", "spec.services[].envs", "spec.workers[].envs", "spec.jobs[].envs"],
    ...["services", "workers", "jobs"].map((kind) => `spec.${kind}[].image.registryCredentials`),
    ...["services", "workers", "jobs"].map((kind) => `spec.${kind}[].logDestinations`),
    "spec.ingress.secureHeader",
  ],
  immutable: ["projectId"],
  told: ["spec"],
  references: [{ input: "spec.vpcs[].id", type: vpcType }],
  idStyle: "uuid",
  recorded: (inputs) => recordedOf(inputs),
  refuse: ({ inputs, cloud, id }) => {
    const spec = specOf(inputs);
    if (!spec) throw new CloudError(400, "app spec is required");
    refuseApp(spec, cloud, id);
  },
  // One that fails leaves an app without a live deployment, which is tried again: as at the provider.
  create: async (operation) => await deploy(operation),
  update: async (operation) => {
    try {
      return await deploy(operation);
    } catch (error) {
      // The app is as it was.
      if (error instanceof DeploymentFailed) throw new ProviderError(error.message);
      throw error;
    }
  },
  delete: async ({ cloud, id }) => {
    await cloud.services.apps.remove(id);
  },
};

async function deploy({ cloud, id, inputs, before }: Operation): Promise<Made> {
  const spec = specOf(inputs) as unknown as AppSpec;
  const answer = await cloud.services.apps.deploy(id, spec).catch((error: unknown) => {
    if (error instanceof Unopenable) {
      throw new CloudError(400, `error validating app spec field "envs": ${error.message}`);
    }
    throw error;
  });
  const { deployment, host } = answer;
  const primary = domainsOf(spec).find(({ isPrimary }) => isPrimary)?.name;
  const domain = primary ?? host;
  const outputs = before?.outputs ?? {};
  return {
    outputs: {
      // A secret is taken in plain text once, and told encrypted ever after.
      spec: answer.spec,
      activeDeploymentId: deployment,
      appUrn: `do:app:${id}`,
      createdAt: outputs["createdAt"] ?? now(),
      updatedAt: outputs["activeDeploymentId"] === deployment ? outputs["updatedAt"] : now(),
      defaultIngress: `https://${host}`,
      liveUrl: `https://${domain}`,
      liveDomain: domain,
      ...(inputs["dedicatedIps"] === undefined && { dedicatedIps: [] }),
      ...(inputs["projectId"] === undefined && {
        projectId: outputs["projectId"] ?? cloud.newId("uuid"),
      }),
    },
  };
}

/** Parts of a spec that nothing here acts on. */
function recordedOf(inputs: Values): string | undefined {
  const spec = specOf(inputs);
  if (!spec) return undefined;
  const { services = [], workers = [], jobs = [], alerts = [], egresses = [] } = spec;
  const components = [...services, ...workers, ...jobs];
  const has = (list: readonly unknown[] | undefined): boolean => (list ?? []).length > 0;
  const parts = [
    ...(has(alerts) || components.some((one) => has(one.alerts)) ? ["alerts"] : []),
    ...(components.some((one) => has(one.logDestinations)) ? ["log forwarding"] : []),
    ...(has(egresses) ? ["egress addresses"] : []),
    ...((spec.ingress?.rules ?? []).some(({ cors }) => cors) ? ["CORS"] : []),
    ...(spec.maintenance ? ["maintenance"] : []),
    "limits of memory and CPU",
  ];
  return `its containers run as processes of this machine; nothing runs for ${parts.join(", ")}`;
}
