import { readSettings, refuseExamples, type ReadSettings } from "../config";
import { composeStack, type Composed } from ".";

/**
 * The whole program, in its two steps: `pulumi up` and `drops preview` both run exactly these. What
 * is wrong with the configuration shows in the first, before any resource exists.
 */
export const program = {
  /** @throws ConfigProblems with every problem at once. */
  prepare: (): ReadSettings => {
    const read = readSettings();
    refuseExamples(read);
    return read;
  },
  compose: (read: ReadSettings): Promise<Composed> => composeStack(read),
};
