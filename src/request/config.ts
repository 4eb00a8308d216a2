import { readConfig } from "../platform/env";
import type { Step } from "./types";

/** Reads the deployment's settings. Throws `ConfigError`, so that a wrong setting fails every call. */
export const loadConfig: Step = (c, next) => {
  c.set("config", readConfig(c.env));
  return next();
};
