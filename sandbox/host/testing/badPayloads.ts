import type { BundleFile } from "../../../host/types";

const file = (path: string, mode = "0644"): BundleFile => ({ path, mode, content: "x" });
export const payload = (
  files: readonly unknown[],
  secrets: unknown = {},
  version = "a".repeat(64),
) => JSON.stringify({ bundle: { version, files }, secrets });
export const good = file("/etc/a");

/** What `drops-host apply` refuses, here and on a droplet: what it is, the text, part of the answer. */
export const badPayloads: readonly (readonly [string, string, string])[] = [
  ["nothing", "", "not JSON"],
  ["a list", "[]", "the payload must be"],
  ["null", "null", "the payload must be"],
  ["an extra part", '{"bundle": {}, "secrets": {}, "x": 1}', "the payload must be"],
  ["a bundle that is a text", '{"bundle": "", "secrets": {}}', "the bundle must be"],
  ["no files", payload([]), "bundle.files must be a list of files"],
  ["a short version", payload([good], {}, "1"), "bundle.version must be 64"],
  ["a file without mode", payload([{ path: "/etc/a", content: "" }]), "bundle.files[0] must have"],
  ["content that is no text", payload([{ ...good, content: 1 }]), "bundle.files[0] must have"],
  ["a relative path", payload([file("etc/a")]), "files[0].path must be a plain path below /etc/, "],
  ["a way out", payload([good, file("/etc/../root/a")]), "files[1].path must be"],
  ["a doubled slash", payload([file("/etc//a")]), "files[0].path must be"],
  ["a directory", payload([file("/etc/a/")]), "files[0].path must be"],
  ["another place", payload([file("/root/.bashrc")]), "files[0].path must be"],
  ["a secret as a file", payload([file("/etc/drops/secrets/a")]), "files[0].path must be"],
  ["a set-user-id file", payload([file("/etc/a", "4755")]), "files[0].mode must be octal"],
  ["a file for all to write", payload([file("/etc/a", "0666")]), "files[0].mode must be octal"],
  ["a path twice", payload([good, good]), "files[1].path is there twice"],
  ["secrets that are a list", payload([good], []), "secrets must be an object"],
  [
    "a bad secret name",
    payload([good], { "../x": "hidden" }),
    "a secret's name must be lower-case",
  ],
  ["an empty secret", payload([good], { "redis-url": "" }), "secret redis-url must be a text"],
  ["a secret that is no text", payload([good], { "redis-url": 1 }), "secret redis-url must be"],
];
