import * as pulumi from "@pulumi/pulumi";
import { ConfigProblems } from "./settings/problems";
import { program } from "./stacks/program";

/** The entry of `pulumi up`. */
export = async (): Promise<object> => {
  try {
    const read = program.prepare();
    for (const { key, got, fix } of read.toReplace) {
      void pulumi.log.warn(`${key}: ${got}; before a deploy: ${fix}`);
    }
    return (await program.compose(read)).outputs;
  } catch (error) {
    // A mistake in the configuration is the user's to mend: a message, and no stack trace.
    if (!(error instanceof ConfigProblems)) throw error;
    const refusal = new pulumi.RunError(error.message);
    // The SDK formats the error with `util.inspect`, which Node 20 and 22 bring to gigabytes over a
    // stack that is mapped to sources of the SDK itself.
    refusal.stack = "";
    throw refusal;
  }
};
