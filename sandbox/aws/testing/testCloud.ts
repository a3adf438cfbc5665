import type { Provider, Values } from "../../cloud/kind";
import { TestCloud } from "../../digitalocean/testing/testCloud";
import { aws } from "..";

export { type RefusedCase } from "../../digitalocean/testing/testCloud";

/** AWS for tests: a world of its own in one region, and services that only take notes. */
export class AwsTestCloud extends TestCloud {
  constructor(configuration: Values = { region: "eu-central-1" }, more: readonly Provider[] = []) {
    super([aws, ...more], configuration);
  }

  /** A refusal as the engine is told it. */
  static worded(error: unknown, request: Parameters<Provider["refusal"]>[1]): string {
    return aws.refusal(error as Parameters<Provider["refusal"]>[0], request);
  }
}
