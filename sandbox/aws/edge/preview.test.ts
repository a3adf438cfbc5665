import * as pulumi from "@pulumi/pulumi";
import { expect, it } from "vitest";
import { CloudWatchAlarms } from "../../../components/alarms/cloudwatch";
import { AlarmTopic } from "../../../components/alarms/alarmTopic";
import { entityKeys, targetGroupKey } from "../../../components/alarms/awsSignals";
import { planAlarms } from "../../../components/alarms/plan";
import { largeTargets, planned, region, stack } from "../../../components/alarms/testing/large";
import { CloudFront } from "../../../components/cdn/cloudfront";
import { Waf } from "../../../components/cdn/waf";
import { Dashboard } from "../../../components/dashboard/dashboard";
import { registered } from "../../../components/network/testing/registered";
import { editedRules } from "../../../tiers/thresholds";
import { unknownValue } from "../../cloud/unknowns";
import { AwsTestCloud } from "../testing/testCloud";

/** In a preview of the first deploy nothing is known of what is not there yet. */
it("refuses nothing in a preview because it is not known yet", async () => {
  const unknown = pulumi.unknown as unknown as string;
  const { alarms } = planAlarms({
    rules: editedRules({}),
    targets: largeTargets(),
    recipients: { emails: ["ops@example.com"], webhook: false },
  });
  const keys = [...Object.values(entityKeys), targetGroupKey("web")];
  const entities = Object.fromEntries(keys.map((key) => [key, unknown]));
  const { resources } = await registered(() => {
    const waf = new Waf("waf", {
      spec: {
        ...{ name: "drops-large", behindCloudflare: true, managedGroups: [] },
        rateLimit: { requestsPerPeriod: 200, periodSeconds: 60 },
      },
    });
    new CloudFront("cdn", {
      spec: {
        ...{ name: "drops-large", aliases: ["drops.example.com"], minTls: "TLSv1.2_2021" },
        ...{ priceClass: "PriceClass_100", hstsMaxAgeSeconds: 86_400, originTls: true },
        ...{ httpPort: 80, httpsPort: 443, comment: "app" },
      },
      ...{ balancerArn: unknown, balancerDnsName: unknown, certificateArn: unknown },
      webAclArn: waf.arn,
    });
    const topic = new AlarmTopic("topic", { spec: { stack, region: "own", emails: ["a@b.de"] } });
    const { arns } = new CloudWatchAlarms("alarms", {
      spec: { stack, region, alarms },
      ...{ entities, topicArn: topic.arn, globalTopicArn: unknown },
    });
    new Dashboard("dashboard", {
      spec: { ...{ stack, region, targets: largeTargets() }, metricAlarms: planned().metricAlarms },
      ...{ entities, alarmArns: Object.values(arns) },
    });
    return undefined;
  });
  const cloud = new AwsTestCloud({ region });
  try {
    expect(resources.length).toBeGreaterThan(100);
    expect(marked(resources.map(({ inputs }) => inputs))).toContain(unknownValue);
    const refused = resources.flatMap(({ type, name, inputs }) =>
      cloud
        .preview(type.split(":").slice(1).join(":"), JSON.parse(marked(inputs)) as typeof inputs)
        .map((failure) => `${name}: ${failure}`),
    );
    expect(refused).toEqual([]);
  } finally {
    cloud.close();
  }
});

/** What is not known, as the engine sends it. */
const marked = (inputs: unknown): string =>
  JSON.stringify(inputs).replaceAll('"[unknown]"', JSON.stringify(unknownValue));
