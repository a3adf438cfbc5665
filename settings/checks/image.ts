import { imageWords, isFault, readImage } from "../image";
import { problem, removeCommand, setCommand, shown, type Problem } from "../problems";
import type { MediumConfig } from "../schema";

/** The image that is deployed, and who may read it. */
export function imageProblems({
  image,
  registryCredentials,
}: Pick<MediumConfig, "image" | "registryCredentials">): Problem[] {
  const read = readImage(image);
  if (isFault(read)) {
    return [
      problem(
        ["image"],
        `${shown(image)}, ${read.what}`,
        imageWords,
        setCommand(["image"], read.mended),
      ),
    ];
  }
  if (registryCredentials !== undefined && read.registryType === "DOCR") {
    return [
      problem(
        ["registryCredentials"],
        "[secret], with an image of DigitalOcean's own registry",
        "nothing: App Platform reads the account's registry by itself",
        removeCommand(["registryCredentials"]),
      ),
    ];
  }
  return [];
}
