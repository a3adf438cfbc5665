export * from "./alerts";
export * from "./databases";
export * from "./droplets";
export * from "./dropletSize";
export * from "./limits";
export * from "./regions";
