import * as z from "zod";
import { IsoTime } from "../../http/responses";

export const Unmatched = z
  .object({
    id: z.string(),
    reason: z
      .string()
      .describe(
        "`sim_not_found`, `id_conflict`, `time_too_old`, `replaces_not_found`, `dead_lettered`, `message_invalid` or a code.",
      ),
    received_at: IsoTime,
    event: z.unknown().describe("What came: an event where it can be read as one."),
    stored: z
      .unknown()
      .optional()
      .describe("Of an `id_conflict`: the stored event of the same identity, as it was then."),
  })
  .meta({ id: "UnmatchedEvent", description: "An event that could not be stored." });
export type Unmatched = z.output<typeof Unmatched>;
