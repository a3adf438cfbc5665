import { afterAll } from "vitest";
import { endServers } from "./programs";

// A hook that a test file registers inside another hook would never run.
afterAll(endServers);
