import * as z from "zod";
import { Pagination } from "../../../http/responses";

export const Resealed = z
  .object({
    resealed: z.int().describe("Webhooks and connectors whose secrets this call sealed anew."),
    unreadable: z.int().describe("Those it met of which a secret opens with neither key."),
    left: z.int().describe("Those that the first key did not seal; with 0 the other can go."),
    pagination: Pagination,
  })
  .meta({ id: "Resealed" });
export type Resealed = z.output<typeof Resealed>;
