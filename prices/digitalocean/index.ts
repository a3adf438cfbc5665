export * from "./alerts";
export * from "./databases";
export * from "./droplets";
export * from "./limits";
export * from "./regions";
