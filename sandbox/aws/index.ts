import { z } from "zod";
import type { Provider } from "../cloud/kind";
import { completed } from "./awsKind";
import { balancerKinds } from "./balancer";
import { dataKinds } from "./data";
import { ecsKinds } from "./ecs";
import { edgeKinds } from "./edge";
import { functionKinds } from "./function";
import { iamKinds } from "./iam";
import { logKinds } from "./logs";
import { monitoringKinds } from "./monitoring";
import { networkKinds } from "./network";
import { refusalOf } from "./refusal";
import { registryKinds } from "./registry";
import { secretKinds } from "./secrets";
import { regionCode } from "./shapes";

/** The engine hands a provider's settings over as text, whatever they are. */
const setting = z.union([z.string(), z.boolean(), z.number()]).optional();

/** No request leaves this machine: what names an account or an endpoint is taken, and not used. */
const configuration = z.object({
  region: regionCode,
  defaultTags: z.unknown().optional(),
  ...{ accessKey: setting, secretKey: setting, token: setting, profile: setting },
  ...{ skipCredentialsValidation: setting, skipMetadataApiCheck: setting },
  ...{ skipRegionValidation: setting, skipRequestingAccountId: setting, maxRetries: setting },
  ...{ allowedAccountIds: z.unknown().optional(), endpoints: z.unknown().optional() },
  assumeRoles: z.unknown().optional(),
});

const kinds = [
  ...[...networkKinds, ...iamKinds, ...secretKinds, ...registryKinds, ...logKinds],
  ...[...ecsKinds, ...balancerKinds, ...functionKinds],
  ...[...dataKinds, ...edgeKinds, ...monitoringKinds],
];

export const aws: Provider = {
  name: "aws",
  kinds,
  lookups: [],
  configuration,
  complete: completed,
  refusal: refusalOf(kinds),
};
