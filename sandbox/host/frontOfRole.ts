import type { HostRole } from "../../host/types";
import type { ServiceStatus } from "../contracts";
import { Front } from "./front";
import type { MetricsReceiver } from "./metricsReceiver";
import { MonitoringFront } from "./monitoringFront";
import type { HostPlace } from "./relocation";
import { readSettings } from "./settings";
import type { Web } from "./web";

/** The stand-in for nginx of whichever role the last bundle gave the host. */
export class FrontOfRole implements Web {
  private readonly fronts: Readonly<Record<HostRole, Web>>;

  constructor(
    private readonly place: HostPlace,
    receiver: MetricsReceiver,
  ) {
    this.fronts = { app: new Front(place), monitoring: new MonitoringFront(place, receiver) };
  }

  get isActive(): boolean {
    return this.current.isActive;
  }

  async check(): Promise<void> {
    await this.current.check();
  }

  async start(): Promise<void> {
    await this.stop();
    await this.current.start();
  }

  async reload(): Promise<void> {
    await this.current.reload();
  }

  async stop(): Promise<void> {
    await Promise.all(Object.values(this.fronts).map((front) => front.stop()));
  }

  statuses(resource: string): readonly ServiceStatus[] {
    return this.current.statuses(resource);
  }

  private get current(): Web {
    return this.fronts[readSettings(this.place.root)?.role ?? "app"];
  }
}
