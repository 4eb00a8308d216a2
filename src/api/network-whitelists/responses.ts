import * as z from "zod";
import { Tag } from "../tags/responses";

/** Networks that SIMs may register with. */
export const NetworkList = z
  .object({
    name: z.string(),
    tags: z.array(Tag),
    networks: z.array(
      z.object({
        mcc: z.string(),
        mnc: z.string().nullable().describe("null: every network of the MCC."),
      }),
    ),
  })
  .meta({ id: "NetworkList", description: "Networks that SIMs may register with." });
export type NetworkList = z.output<typeof NetworkList>;

export const NetworkLists = z.array(NetworkList);
