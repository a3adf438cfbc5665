import { unknownText } from "./values";

/** Computed outputs that a composition may know though nothing was deployed. */
export type Foretell = (
  type: string,
  name: string,
  inputs: Readonly<Record<string, unknown>>,
) => Readonly<Record<string, unknown>>;

/** Logical name and inputs of a resource. */
interface Told {
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** Name at AWS: as it is given, or with the part that the provider makes up left open. */
function nameOf({ name, inputs }: Told, given = "name", prefix = `${given}Prefix`): string {
  const [whole, begin] = [inputs[given], inputs[prefix]];
  if (typeof whole === "string") return whole;
  return `${typeof begin === "string" ? begin : `${name}-`}${unknownText}`;
}

/** An ARN whose region and account only a deploy tells. */
const arn = (service: string, resource: string): string =>
  `arn:aws:${service}:${unknownText}:${unknownText}:${resource}`;

/**
 * By type: what containers, rights and addressees are written with. A text with a part that is not
 * known is then shown with that part left open, and held against the policies; without it all of the
 * text would be unknown. Ids and hosts stay unknown, as in the engine's own preview.
 */
const outputs: Readonly<Record<string, (told: Told) => Readonly<Record<string, string>>>> = {
  "aws:secretsmanager/secret:Secret": (told) => ({
    // AWS adds six letters of its own to each name.
    arn: arn("secretsmanager", `secret:${nameOf(told).replace(unknownText, "")}${unknownText}`),
  }),
  "aws:secretsmanager/secretVersion:SecretVersion": () => ({ versionId: unknownText }),
  "aws:cloudwatch/logGroup:LogGroup": (told) => ({ arn: arn("logs", `log-group:${nameOf(told)}`) }),
  "aws:iam/role:Role": (told) => ({ arn: `arn:aws:iam::${unknownText}:role/${nameOf(told)}` }),
  "aws:ecr/repository:Repository": (told) => ({
    arn: arn("ecr", `repository/${nameOf(told)}`),
    repositoryUrl: `${unknownText}.dkr.ecr.${unknownText}.amazonaws.com/${nameOf(told)}`,
  }),
  "aws:ecs/cluster:Cluster": (told) => ({ arn: arn("ecs", `cluster/${nameOf(told)}`) }),
  "aws:s3/bucket:Bucket": (told) => ({ arn: `arn:aws:s3:::${nameOf(told, "bucket")}` }),
  "aws:sns/topic:Topic": (told) => ({ arn: arn("sns", nameOf(told)) }),
  "aws:lb/targetGroup:TargetGroup": (told) => ({
    arn: arn("elasticloadbalancing", `targetgroup/${nameOf(told)}/${unknownText}`),
  }),
};

/** What a preview tells of what is not there yet. */
export const foretold: Foretell = (type, name, inputs) =>
  (Object.hasOwn(outputs, type) ? outputs[type]?.({ name, inputs }) : undefined) ?? {};
