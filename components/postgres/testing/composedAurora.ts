import * as pulumi from "@pulumi/pulumi";
import { awsAnswer, registered } from "../../network/testing/registered";
import { AuroraPostgres, type AuroraPostgresArgs, type AuroraSpec } from "../aurora";
import { sampleAuroraArgs } from "./sampleAurora";

const answer = awsAnswer((type, name) => {
  switch (type) {
    case "aws:rds/cluster:Cluster":
      return { endpoint: "writer.example", readerEndpoint: "reader.example" };
    case "aws:rds/proxy:Proxy":
      return { endpoint: "proxy.example" };
    case "random:index/randomPassword:RandomPassword":
      return { result: `${name}'s` };
    case "random:index/randomId:RandomId":
      return { hex: "00c0ffee" };
    default:
      return { name };
  }
});

/** What a deploy of Aurora registers, with its URLs in plain text. */
export const composedAurora = (
  spec: Partial<AuroraSpec> = {},
  args: Partial<AuroraPostgresArgs> = {},
) =>
  registered(() => {
    const postgres = new AuroraPostgres("postgres", sampleAuroraArgs(spec, args));
    const plain = (url: pulumi.Output<string> | undefined) => url && pulumi.unsecret(url);
    return {
      urls: {
        owner: plain(postgres.ownerUrl),
        app: plain(postgres.appUrl),
        admin: plain(postgres.adminUrl),
        pooled: plain(postgres.pooledUrl),
        reader: plain(postgres.readerUrl),
      },
      asTheyAre: [postgres.ownerUrl, postgres.appUrl, postgres.adminUrl],
      authority: postgres.caCertificate,
      limit: postgres.connectionLimit,
      facts: postgres.alarmFacts,
      targets: postgres.alarmTargets.map(({ id }) => id),
      arn: postgres.clusterArn,
    };
  }, answer);
