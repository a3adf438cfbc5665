import { problem, setCommand, shown, type Problem } from "../problems";

/** Whether the public name lies in the zone that is to hold its record. */
export function zoneProblems(domain: string, zone: string): Problem[] {
  if (domain === zone || domain.endsWith(`.${zone}`)) return [];
  return [
    problem(
      ["domain"],
      `${shown(domain)}, which is not in the zone ${zone}`,
      `${zone} or a name that ends in .${zone}`,
      setCommand(["domain"], `drops.${zone}`),
    ),
  ];
}
