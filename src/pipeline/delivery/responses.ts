import * as z from "zod";
import { IsoTime, Pagination } from "../../http/responses";
import { FAILURES } from "./failure";

/** How a delivery ended. */
export const DELIVERY_STATUS = ["accepted", "retrying", "failed"] as const;

/** How a request to an endpoint ended. */
export const OUTCOME = {
  response_status: z.int().nullable().describe("What the endpoint answered; null: it did not."),
  failure: z
    .enum(FAILURES)
    .nullable()
    .describe("Why there is no answer; `url_forbidden` and `webhook_off`: nothing was sent."),
  duration_ms: z.int(),
};

/** A delivery as it is logged and listed. */
export const Delivery = z
  .object({
    event_id: z.string(),
    type: z.string(),
    sim_id: z.string(),
    attempt: z.int().min(1).describe("From 1."),
    time: IsoTime,
    status: z
      .enum(DELIVERY_STATUS)
      .describe("`retrying` failed and will be tried again, `failed` will not."),
    ...OUTCOME,
  })
  .meta({ id: "Delivery", description: "A try to deliver an event." });
export type Delivery = z.output<typeof Delivery>;
export const DeliveryPage = z
  .object({
    deliveries: z.array(Delivery),
    pagination: Pagination,
    unlisted: z
      .int()
      .optional()
      .describe(
        "Tries of all webhooks of the account that the log does not list, since the bytes of their day were used up. Absent for keys with tags.",
      ),
  })
  .meta({ id: "DeliveryPage" });
export type DeliveryPage = z.output<typeof DeliveryPage>;

/** A replay that has not ended. */
export const RunningReplay = z
  .object({
    events: z.int().describe("How many events it sends."),
    sent: z.int().describe("How many of them it has sent."),
    started_at: IsoTime,
  })
  .meta({ id: "RunningReplay", description: "A replay that has not ended." });
export type RunningReplay = z.output<typeof RunningReplay>;
