import type { ServiceStatus } from "../contracts";

/** What stands before the app: the bundle's nginx, or where that is not installed a stand-in. */
export interface Web {
  readonly isActive: boolean;
  /**
   * Reads the bundle's files as they are now.
   *
   * @throws Failed where they are wrong; what runs goes on with the old ones.
   */
  check(): Promise<void>;
  /** Anew where it runs already. */
  start(): Promise<void>;
  /** Takes over what was checked last; connections that are open stay. */
  reload(): Promise<void>;
  stop(): Promise<void>;
  statuses(resource: string): readonly ServiceStatus[];
}
