import { albLimits, cacheLimits } from "../../prices/aws";
import { appName, eventNameLength, longestEvent, serviceEventName } from "../names";
import { serviceNameLength } from "../largeTaskKeys";
import { problem, setCommand, shown, type Problem } from "../problems";
import type { LargeConfig } from "../schema";

/** Longest name of a stack whose resources AWS still takes: the balancer's is the tightest. */
const longestStack =
  Math.min(albLimits.nameLength.high, cacheLimits.idLength.high) - appName("").length;

/** Names of tasks that the stack has already. */
const takenServices: readonly string[] = ["web", "worker", "migrate", "roles"];
/** What alarms call the instances of the database and the nodes of the cache. */
const ofData = /^(postgres|redis)(-|$)/;

/** Whether AWS takes the names that the stack gives its parts. */
export function awsNameProblems(
  stack: string,
  { services }: Pick<LargeConfig, "services">,
): Problem[] {
  const fits = stack.length <= longestStack && !stack.endsWith("-") && !stack.includes("--");
  if (fits)
    return serviceNameProblems(
      stack,
      services.map(({ name }) => name),
    );
  return [
    {
      key: "the stack's name",
      got: `${shown(stack)}, with which AWS's names begin`,
      allowed: `up to ${longestStack} characters, no two hyphens in a row, the last a letter or digit`,
      fix: "pulumi stack rename prod",
    },
  ];
}

function serviceNameProblems(stack: string, names: readonly string[]): Problem[] {
  // What is left for the service in the longest of the names that bear it and the stack's.
  const room = Math.min(
    serviceNameLength.high,
    eventNameLength.high - serviceEventName(stack, "", longestEvent).length,
  );
  return names.flatMap((name, index) => {
    const why =
      name.length > room
        ? {
            got: `, with which the name of a rule of EventBridge has ${serviceEventName(stack, name, longestEvent).length} characters of ${eventNameLength.high}`,
            allowed: `up to ${room} characters in a stack called ${stack}`,
          }
        : takenServices.includes(name)
          ? {
              got: ", which the stack has already",
              allowed: `another name than ${takenServices.join(", ")}`,
            }
          : ofData.test(name)
            ? {
                got: ", as alarms call the database and the cache",
                allowed: "a name that does not begin with postgres or redis",
              }
            : names.indexOf(name) !== index
              ? { got: ", which another service has", allowed: "a name that no other service has" }
              : undefined;
    if (why === undefined) return [];
    const path = ["services", index, "name"];
    return [
      problem(
        path,
        `${shown(name)}${why.got}`,
        why.allowed,
        setCommand(path, freeName(name.replace(ofData, "data-"), index, names, room)),
      ),
    ];
  });
}

/** Another name like this one that fits and that nothing has. */
function freeName(name: string, index: number, names: readonly string[], room: number): string {
  const short = name.slice(0, room).replace(/-+$/, "");
  const isFree = (one: string): boolean => !takenServices.includes(one) && !names.includes(one);
  if (isFree(short) && short.length >= serviceNameLength.low) return short;
  for (let number = index + 1; ; number += 1) {
    const suffix = `-${number}`;
    const numbered = `${name.slice(0, room - suffix.length).replace(/-+$/, "")}${suffix}`;
    if (isFree(numbered)) return numbered;
  }
}
