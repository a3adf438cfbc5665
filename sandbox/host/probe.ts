import { existsSync } from "node:fs";
import { paths } from "../../host/paths";
import { textIn, writeAtOnce } from "../files";
import { splitUrl } from "./connectionUrl";
import { stateDirectory } from "./install";
import { Failed, type Output } from "./outcome";

/**
 * Notes what the blackbox exporter would probe, with the checks and the words of host/files/probe.py.
 * Nothing probes here.
 *
 * @param stdin One http(s) address.
 */
export function probeSite(root: string, stdin: string, output: Output): void {
  const url = addressIn(stdin.slice(0, 4_096));
  const targets = `${JSON.stringify([{ targets: [url] }]).replaceAll(/(?<=[:,])(?=["[])/g, " ")}\n`;
  if (textIn(root + paths.probeTargets) === targets) {
    output.say("probe: unchanged");
    return;
  }
  const since = `${root}${stateDirectory}/probed-at`;
  if (!existsSync(since)) writeAtOnce(since, `${Math.round(Date.now() / 1_000)}\n`, 0o644);
  writeAtOnce(root + paths.probeTargets, targets, 0o644);
  output.say(`probe: probing ${url}`);
}

/** What was told to be probed; undefined before that. */
export function probedSite(root: string): string | undefined {
  const [target] = JSON.parse(textIn(root + paths.probeTargets) ?? "[]") as { targets: string[] }[];
  return target?.targets[0];
}

function addressIn(text: string): string {
  const address = text.trim();
  const plain = /^https?:\/\/[!-~]+$/.test(address) && !/["'\\$#@]/.test(address);
  const authority = /^https?:\/\/([^/?]*)/.exec(address)?.[1] ?? "";
  const host = plain ? splitUrl(address)?.host : undefined;
  const port = /:(\d*)$/.exec(authority.replace(/^\[.*\]/, ""))?.[1];
  const isHost = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9a-f:.]+)$/.test(host ?? "");
  const isPort = port === undefined || (Number(port) > 0 && Number(port) < 65_536);
  if (address.length > 2_000 || !isHost || !isPort) {
    throw new Failed(
      "probe: standard input must be one http(s) address without user name and fragment, such as https://drops.example.com/healthz",
    );
  }
  return address;
}
