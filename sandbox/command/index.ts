import { z } from "zod";
import type { Provider } from "../cloud/kind";
import { remoteCommand } from "./remoteCommand";

export const command: Provider = {
  name: "command",
  kinds: [remoteCommand],
  lookups: [],
  configuration: z.object({}),
  // The provider prints what SSH says as it is.
  refusal: ({ message }) => message,
};
