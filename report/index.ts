export { renderHost } from "./host";
export { preview } from "./preview";
export { deployableStacks } from "./stackFile";
export { renderText } from "./text";
export { verdict } from "./verdict";
