import * as z from "zod";
import type { Period } from "./sql";

/** `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, in; all of that year, month or day in UTC, out. */
export const TimePeriod = z
  .string()
  .regex(/^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$/)
  .transform((text, context): Period => {
    const begin = new Date(`${text}${"-01-01".slice(text.length - 4)}T00:00:00Z`);
    // A month or a day that there is not is read as none, or as another.
    if (Number.isNaN(begin.getTime()) || !begin.toISOString().startsWith(text)) {
      context.addIssue("not a date");
      return z.NEVER;
    }
    const end = new Date(begin);
    if (text.length === 4) end.setUTCFullYear(end.getUTCFullYear() + 1);
    else if (text.length === 7) end.setUTCMonth(end.getUTCMonth() + 1);
    else end.setUTCDate(end.getUTCDate() + 1);
    return { begin: begin.getTime(), end: end.getTime() };
  });

/** The month that a moment lies in. */
export function monthOf(ms: number): Period {
  const date = new Date(ms);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  return { begin: Date.UTC(year, month), end: Date.UTC(year, month + 1) };
}
