import type { CommandResult } from "../contracts";
import type { Hosts } from "../host";
import { inTurn } from "../services/inTurn";
import { UnderWay } from "./underWay";

/**
 * Releases of the app: one after the other on a server, also where the command that asked for the
 * one before was ended.
 */
export class Releases {
  private readonly turn = inTurn();
  private readonly underWay = new UnderWay();

  constructor(private readonly hosts: Pick<Hosts, "release" | "releaseInUse">) {}

  /** Does nothing where the version is in use by its turn: only then is that certain. */
  async release(id: string, directory: string, version: string): Promise<CommandResult> {
    const work = this.turn(id, async () =>
      this.hosts.releaseInUse(id) === version
        ? { status: 0, stdout: "", stderr: "" }
        : await this.hosts.release(id, { directory }, version),
    );
    return await this.underWay.run(work);
  }

  /** Resolves when none is under way. */
  async settled(): Promise<void> {
    await this.underWay.settled();
  }
}
