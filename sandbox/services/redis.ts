import type { CloudServices } from "../cloud/kind";
import type { ServiceStatus } from "../contracts";
import { reapOrphans } from "./processRecord";
import { ServerSet } from "./serverSet";
import { valkeyHost } from "./valkeyProcess";
import { ValkeyServer, type ValkeyOptions, type WantedValkey } from "./valkeyServer";

type ManagedValkey = CloudServices["valkey"];

export interface ValkeyService extends ManagedValkey {
  /** Starts every server that has files, after a restart of the cloud; `statuses` has the failures. */
  startAll(): Promise<void>;
  /** Stops all of them; their files stay. */
  stopAll(): Promise<void>;
  statuses(): readonly ServiceStatus[];
}

/**
 * Managed Valkey by whichever of valkey-server and redis-server is installed, with TLS alone: single
 * servers, and clusters of several. Where none is, they are only recorded: nobody listens on their
 * ports.
 */
export function newValkeyService(options: ValkeyOptions): ValkeyService {
  const { directory, log } = options;
  const servers = new ServerSet<WantedValkey, ValkeyServer>({
    ...{ directory, noun: "Valkey", log },
    open: (id, place, wanted) => ValkeyServer.open(options, id, place, wanted),
    clear: async (place) => {
      await reapOrphans(place);
    },
  });
  return {
    ensure: (id, wanted) =>
      servers.use(
        id,
        ({ settings: { port, password } }) => ({
          host: valkeyHost,
          port,
          user: "default",
          password,
        }),
        wanted,
      ),
    remove: (id) => servers.remove(id),
    startAll: () => servers.startAll(),
    stopAll: () => servers.stopAll(),
    statuses: () => servers.statuses(),
  };
}
