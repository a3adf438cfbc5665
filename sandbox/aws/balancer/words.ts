import type { ApiWords } from "../awsKind";

export const loadBalancerType = "aws:lb/loadBalancer:LoadBalancer";
export const targetGroupType = "aws:lb/targetGroup:TargetGroup";
export const listenerType = "aws:lb/listener:Listener";
export const listenerRuleType = "aws:lb/listenerRule:ListenerRule";

export const elb = (noun: string, create: string, more: Partial<ApiWords> = {}): ApiWords => ({
  ...{ noun, sdk: "Elastic Load Balancing v2", create },
  update: create.replace(/^Create/, "Modify"),
  ...more,
  codes: { 404: "TargetGroupNotFound", 409: "ResourceInUse", ...more.codes },
});
