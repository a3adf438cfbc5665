import { Ajv2020 } from "ajv/dist/2020";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { largeSchema } from "./schema";
import {
  afterFix,
  checkedStack,
  expectRefused,
  largeRemove,
  largeSet,
  problemsOfStack,
} from "./testStacks";

const large = (settings: readonly string[]) => {
  const config = checkedStack("large", settings);
  if (config.tier !== "large") throw new Error("not a large stack");
  return config;
};

describe("a number with decimals, which pulumi stores as text", () => {
  it("is one in the large tier", () => {
    const serverless = ["postgres.mode=serverless", "postgres.minAcu=0.5", "postgres.maxAcu=8.5"];
    expect(large([...serverless, "app.maxTasks=3"]).postgres).toMatchObject({
      minAcu: 0.5,
      maxAcu: 8.5,
    });
    expect(large(["thresholds.uptime.warning=99.95"]).thresholds).toMatchObject({
      uptime: { warning: 99.95 },
    });
  });

  it.each(["small", "medium"])("is one in the %s tier", (stack) => {
    const { thresholds } = checkedStack(stack, ["thresholds.error-rate.warning=2.5"]) as {
      thresholds?: object;
    };
    expect(thresholds).toMatchObject({ "error-rate": { warning: 2.5 } });
  });

  it.each(["1e3", "0x10", " 5", "5.", "", "-1.5", "NaN"])("is none: %j", (text) => {
    const keys = problemsOfStack("large", [`thresholds.error-rate.warning=${text}`]);
    expect(keys.map(({ key }) => key)).toEqual(["drops:thresholds.error-rate.warning"]);
  });
});

describe("the published schema of a number with decimals", () => {
  const validate = new Ajv2020({ strict: false }).compile(
    z.toJSONSchema(largeSchema.shape.thresholds, { io: "input" }),
  );
  it.each([
    [99.95, true],
    ["99.95", true],
    ["high", false],
    [-1, false],
  ])("%j: %j", (value, fits) => {
    expect(validate({ uptime: { warning: value } })).toBe(fits);
  });
});

describe("a text that looks like a number", () => {
  it("stays text where it is given by hand", () => {
    expect(large(["postgres.engineVersion=17.10"]).postgres.engineVersion).toBe("17.10");
  });

  it("is refused where a file has it without quotes", () => {
    const versions = "17.4, 17.5, 17.6, 17.7, 17.9, 17.10, 17.11";
    expectRefused(
      "large",
      ['postgres={"engineVersion":17.1}'],
      [
        "postgres.engineVersion",
        "17.1, a number: a file's 17.10 is read so",
        versions,
        `quote it, or ${largeSet("postgres.engineVersion", "17.9")}`,
      ],
    );
  });

  it("is a word of a command", () => {
    const settings = ['services=[{"name":"mailer","command":["node"]}]'];
    const more = ["services[0].command[1]=8080", "services[0].command[2]=true"];
    expect(large([...settings, ...more]).services[0]?.command).toEqual(["node", "8080", "true"]);
  });
});

describe("a list that is none", () => {
  const members =
    "a list, each a group of name, command, cpuUnits, memoryMib, poolPerProcess, minTasks, maxTasks";
  it.each([
    ["foo", '"foo"'],
    ["{}", "{}"],
  ])("of groups: %s", (value, got) => {
    expectRefused(
      "large",
      [`services=${value}`],
      [
        "services",
        got,
        members,
        `${largeRemove("services")}, then ${largeSet("services[0].name", "mailer")}`,
      ],
    );
  });

  it("of words, whose fixes lead to a service that runs", () => {
    const settings = ['services=[{"name":"mailer","command":"node dist/mailer.js"}]'];
    expectRefused("large", settings, [
      "services[0].command",
      '"node dist/mailer.js"',
      "a list, each a text that is not empty",
      `${largeRemove("services[0].command")}, then ${largeSet("services[0].command[0]", "node")}`,
    ]);
    const empty = ['services=[{"name":"mailer","command":[]}]'];
    const [problem] = problemsOfStack("large", empty);
    expect(problem?.fix).toBe(largeSet("services[0].command[0]", "node"));
    expect(problemsOfStack("large", afterFix(empty, problem?.fix ?? ""))).toEqual([]);
  });

  it("of addresses", () => {
    expectRefused(
      "large",
      ["alerts.emails=ops@shop.io"],
      [
        "alerts.emails",
        '"ops@shop.io"',
        "a list, each an e-mail address",
        `${largeRemove("alerts.emails")}, then ${largeSet("alerts.emails[0]", "ops@example.com")}`,
      ],
    );
  });
});

describe("several problems of one key", () => {
  it("are told as one", () => {
    const problems = problemsOfStack("small", [], ["drops:alerts"]);
    expect(problems[0]).toMatchObject({
      key: "drops:alerts.emails",
      got: "nobody, with drops:domain set; nobody who gets DigitalOcean's alarms",
      allowed:
        "at least one address: the certificate authority writes to the first; and at least one address, or drops:alerts.slack",
    });
    expect(problems.map(({ key }) => key)).toEqual(["drops:alerts.emails", "drops:alerts"]);
  });
});
