import * as z from "zod";
import { PARSING } from "../../http/error-detail";
import { withFilters } from "../../http/query-filters";
import { CountryCode, SimId } from "../../http/scalars";
import { shownAs } from "../../platform/shown-as";
import { cursor, Limit, NoOffset } from "../../http/pagination";
import { SimRef } from "../sims/iccid";
import { ClassicCursor, Position, Total, UsageQuery } from "./classic/schemas";
import { TimePeriod } from "./time-period";

const GROUPS = ["hours", "days", "months", "sim", "country", "network"] as const;
export type Group = (typeof GROUPS)[number];

/** A country, or `none`: what came without one, which is stored as ''. */
const Country = shownAs(
  z.union([CountryCode, z.literal("none")]),
  z
    .string()
    .toLowerCase()
    .pipe(z.union([CountryCode, z.literal("none").transform(() => "")])),
);

/** What a list is of, as its first page resolved it; milliseconds since 1970. */
const Question = z.object({
  begin: z.int(),
  end: z.int(),
  sim: SimId.optional(),
  country: z.union([CountryCode, z.literal("")]).optional(),
});
export type Question = z.output<typeof Question>;

/** What an ordered group is of: an hour or a day since 1970, or a text. */
const GroupKey = z.union([z.int(), z.string().max(64)]);
export type GroupKey = z.output<typeof GroupKey>;

const Begun = { asked: Question, sums: z.object({ upload: Total, download: Total }) };

/** Where a page ended, and all that was asked: it goes on whatever filter its caller sends along. */
const FleetPosition = z.union([
  z.object({ ...Begun, group: z.enum(GROUPS), after: GroupKey }),
  z.object({ ...Begun, after: Position }),
]);
type FleetPosition = z.output<typeof FleetPosition>;

const Page = {
  limit: Limit,
  offset: NoOffset,
  next_page: cursor(FleetPosition),
  group: z.enum(GROUPS).optional(),
};

const TIME_AND_COUNTRY = { time: TimePeriod.optional(), country_code: Country.optional() };

const FleetParameters = z.object({
  ...Page,
  filter: z.strictObject({ ...TIME_AND_COUNTRY, sim_id: SimRef.optional() }).default({}),
});
const FleetQuery = withFilters(FleetParameters);
export type FleetQuery = z.output<typeof FleetQuery>;

/** Of one SIM, which the path names. */
export const SimUsageQuery = withFilters(
  z.object({ ...Page, filter: z.strictObject(TIME_AND_COUNTRY).default({}) }),
);

export const TagUsageQuery = withFilters(
  z.object({ filter: z.strictObject(TIME_AND_COUNTRY).default({}) }),
);
export type TagUsageQuery = z.output<typeof TagUsageQuery>;

/** `GET /usage` of either API: the classic one where a parameter or the cursor is of it. */
export const EitherQuery = shownAs(
  z.object({ ...UsageQuery.shape, ...FleetParameters.shape }),
  z.record(z.string(), z.unknown()).transform((given, context) => {
    const classic = isClassic(given);
    const stray = classic ? strayIn(given) : undefined;
    if (stray !== undefined) {
      context.addIssue({ code: "custom", path: [stray], message: CLASSIC_ALONE, input: undefined });
      return z.NEVER;
    }
    const parsed = (classic ? Classic : Fleet).safeParse(given, PARSING);
    if (parsed.success) return parsed.data;
    for (const { path, message, input } of parsed.error.issues)
      context.addIssue({ code: "custom", path, message, input });
    return z.NEVER;
  }),
);

const Classic = UsageQuery.transform((classic) => ({ classic }));
const Fleet = FleetQuery.transform((fleet) => ({ fleet }));

const CLASSIC_ALONE = "nothing beside sim_id, time_begin, time_end or a cursor of theirs";

/** What the classic call has not: passed over, it would be answered with the sums of the whole account. */
function strayIn(given: Record<string, unknown>): string | undefined {
  const names = Object.keys(given);
  return ["filter", "group", "offset"].find((stray) =>
    names.some((name) => name === stray || (stray === "filter" && name.startsWith(stray))),
  );
}

function isClassic(given: Record<string, unknown>): boolean {
  const named = ["sim_id", "time_begin", "time_end"].some((name) => Object.hasOwn(given, name));
  return (
    named || (given.next_page !== undefined && ClassicCursor.safeParse(given.next_page).success)
  );
}
