import { Bucket } from "@pulumi/aws/s3";
import { afterEach, beforeEach, expect, it } from "vitest";
import { deployProgram } from "./deployProgram";
import { AwsTestCloud } from "./testCloud";

let cloud: AwsTestCloud;
beforeEach(() => {
  cloud = new AwsTestCloud();
});
afterEach(() => {
  cloud.close();
});

it("rejects with the words of a refusal, and makes nothing of what comes after", async () => {
  const failed = deployProgram(cloud, () => {
    new Bucket("first", { bucket: "dumps" });
    const taken = new Bucket("second", { bucket: "dumps" });
    return new Bucket("third", { tags: { after: taken.arn } }).arn;
  });
  await expect(failed).rejects.toThrow(/^second: .*you already own it/s);
  expect(cloud.world.everything().map(({ id }) => id)).toEqual(["dumps"]);
});
