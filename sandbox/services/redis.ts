import type { CloudServices } from "../cloud/kind";
import type { CertificateAuthority, ServiceStatus } from "../contracts";
import { reapOrphan } from "./processRecord";
import { redisPlaces } from "./redisFiles";
import { ServerSet } from "./serverSet";
import { ValkeyServer, valkeyHost, type WantedValkey } from "./valkeyServer";

type ManagedValkey = CloudServices["valkey"];

export interface ValkeyService extends ManagedValkey {
  /** Starts every server that has files, after a restart of the cloud; `statuses` has the failures. */
  startAll(): Promise<void>;
  /** Stops all of them; their files stay. */
  stopAll(): Promise<void>;
  statuses(): readonly ServiceStatus[];
}

/**
 * Managed Valkey: single servers by whichever of valkey-server and redis-server is installed, with
 * TLS alone. Where none is, they are only recorded: nobody listens on their ports.
 */
export function newValkeyService(options: {
  /** Each server has a directory of its own in it. */
  readonly directory: string;
  /** Whom the application trusts anyway: DigitalOcean's Valkey has publicly signed certificates. */
  readonly authority: CertificateAuthority;
  readonly log: (line: string) => void;
}): ValkeyService {
  const { directory, log } = options;
  const servers = new ServerSet<WantedValkey, ValkeyServer>({
    ...{ directory, noun: "Valkey", log },
    open: (id, place, wanted) => ValkeyServer.open(options, id, place, wanted),
    clear: async (place) => {
      await reapOrphan(redisPlaces(place).record);
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
