import * as z from "zod";

const shown = new WeakMap<object, z.ZodType>();

/** Notes the schema that the API's document shows for one which says less of what it takes. */
export function shownAs<Actual extends z.ZodType>(schema: z.ZodType, actual: Actual): Actual {
  shown.set(actual, schema);
  return actual;
}

export function shownFor(actual: object): z.ZodType | undefined {
  return shown.get(actual);
}

/** A list of 1 to `most` things that are checked later, each on its own: a wrong one holds up no other. */
export function listOf(item: z.ZodType, most: number) {
  return shownAs(z.array(item).min(1).max(most), z.array(z.unknown()).min(1).max(most));
}
