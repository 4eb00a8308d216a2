import { counting, nothingSpent } from "../db/measure";
import type { Step } from "./types";

/** Counts what the call costs in the database: all later steps and the handler ask it through the counting binding. */
export const measureDatabase: Step = (c, next) => {
  const spent = nothingSpent();
  c.env = counting(c.env, spent);
  c.set("spent", spent);
  return next();
};
