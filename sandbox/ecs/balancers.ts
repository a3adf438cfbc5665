import { loadBalancerType, listenerType } from "../aws/balancer/words";
import { listenerOrder } from "../aws/balancer/listener";
import type { CertificateAuthority, ServiceStatus, World } from "../contracts";
import { inTurn } from "../services/inTurn";
import { freePort, keepPort, releasePort, requireFree } from "../services/ports";
import type { BalancerTarget, ListenerOrder } from "../containers/contract";
import { ListenerServer, type TargetView } from "./listenerServer";
import type { StateFile } from "./stateFile";

interface Needs {
  readonly world: World;
  readonly authority: CertificateAuthority;
  readonly state: StateFile;
  readonly targets: (group: string) => readonly TargetView[];
  readonly log: (line: string) => void;
}

/** The balancers of all stacks, each listener on a loopback port of its own. */
export class Balancers {
  private readonly servers = new Map<
    string,
    { readonly server: ListenerServer; readonly port: number }
  >();
  private readonly turn = inTurn();

  constructor(private readonly needs: Needs) {}

  /** Has a listener listen, anew where it does. */
  async listen(arn: string, order: ListenerOrder): Promise<void> {
    await this.turn(arn, async () => {
      await this.end(arn);
      const port = await this.portFor(arn);
      const server = await ListenerServer.start(arn, order, port, this.needs);
      this.servers.set(arn, { server, port });
    });
  }

  /** Its port is anybody's from now on. */
  async unlisten(arn: string): Promise<void> {
    await this.turn(arn, async () => {
      await this.end(arn);
      const port = this.needs.state.portOf(arn);
      if (port !== undefined) releasePort(port);
      this.needs.state.forgetPort(arn);
    });
  }

  /** Every listener of the world; one that cannot keeps none of the others from it. */
  async startAll(): Promise<void> {
    const { world, log } = this.needs;
    const listeners = world.all(listenerType).filter(({ ready }) => ready);
    await Promise.all(
      listeners.map(async ({ id, inputs }) => {
        await this.listen(id, listenerOrder(world, inputs)).catch((error: unknown) => {
          log(`listener ${id}: ${error instanceof Error ? error.message : String(error)}`);
        });
      }),
    );
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.servers.keys()].map((arn) => this.turn(arn, () => this.end(arn))));
  }

  target(name: string, wanted?: number): BalancerTarget | undefined {
    const arn = this.needs.world
      .all(loadBalancerType)
      .find(({ id, outputs }) => id === name || sameHost(outputs["dnsName"], name))?.id;
    const own = [...this.servers.values()].filter(({ server }) => server.balancerArn === arn);
    const found =
      wanted === undefined
        ? (own.find(({ server }) => server.tls) ?? own[0])
        : own.find(({ server }) => server.port === wanted);
    return found && { host: "127.0.0.1", port: found.port, tls: found.server.tls };
  }

  statuses(): readonly ServiceStatus[] {
    return [...this.servers.values()].map(({ server, port }) => ({
      resource: server.balancerArn,
      what: `balancer ${server.balancerArn.split("/").at(-2) ?? ""}, port ${server.port}${server.tls ? " (TLS)" : ""}`,
      ...{ state: "running", pid: process.pid, ports: [port] },
    }));
  }

  private async end(arn: string): Promise<void> {
    await this.servers.get(arn)?.server.close();
    this.servers.delete(arn);
  }

  /** The same as last time: what is behind the listener was told of it. */
  private async portFor(arn: string): Promise<number> {
    const { state } = this.needs;
    const kept = state.portOf(arn);
    if (kept !== undefined) {
      keepPort(kept);
      await requireFree(kept, `listener ${arn}`);
      return kept;
    }
    const port = await freePort();
    state.keepPort(arn, port);
    return port;
  }
}

const sameHost = (dnsName: unknown, name: string): boolean =>
  typeof dnsName === "string" && dnsName.toLowerCase() === name.toLowerCase();
