import * as z from "zod";

/** A mobile network as it is answered; MCC and MNC are text, since their leading zeros count. */
export const Network = z
  .object({
    name: z.string().nullable(),
    country: z.string().nullable(),
    country_code: z.string().nullable().describe("Two letters, upper case."),
    mcc: z.string().nullable(),
    mnc: z.string().nullable(),
  })
  .meta({ id: "Network", description: "A mobile network; null is what is not known of it." });

const Number = z.number().nullable();

export const Place = z.object({
  lat: Number,
  lng: Number,
  cell_id: z.int().nullable(),
  location_area_code: z.int().nullable(),
  accuracy: Number.describe("Metres."),
});
