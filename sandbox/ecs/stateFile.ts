import { z } from "zod";
import { textIn, writePrivately } from "../services/privateFile";

const shape = z.object({
  /** Loopback ports of listeners, by ARN, for their life. */
  listeners: z.record(z.string(), z.int().positive()),
  /** Last revision of each family, by region and name. */
  revisions: z.record(z.string(), z.int()),
});
type State = z.infer<typeof shape>;

/** What the platform itself remembers beside what its services do. */
export class StateFile {
  private state: State;

  constructor(private readonly file: string) {
    const text = textIn(file);
    this.state =
      text === undefined ? { listeners: {}, revisions: {} } : shape.parse(JSON.parse(text));
  }

  portOf(listenerArn: string): number | undefined {
    return this.state.listeners[listenerArn];
  }

  keepPort(listenerArn: string, port: number): void {
    this.save({ ...this.state, listeners: { ...this.state.listeners, [listenerArn]: port } });
  }

  forgetPort(listenerArn: string): void {
    const listeners = Object.fromEntries(
      Object.entries(this.state.listeners).filter(([arn]) => arn !== listenerArn),
    );
    this.save({ ...this.state, listeners });
  }

  nextRevision(region: string, family: string): number {
    const key = `${region}/${family}`;
    const next = (this.state.revisions[key] ?? 0) + 1;
    this.save({ ...this.state, revisions: { ...this.state.revisions, [key]: next } });
    return next;
  }

  private save(state: State): void {
    this.state = state;
    writePrivately(this.file, JSON.stringify(state));
  }
}
