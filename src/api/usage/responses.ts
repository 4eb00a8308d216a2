import * as z from "zod";
import { UsageRecord } from "../../events/payload-schemas";
import { ByteText, ClassicTime, IsoTime, Pagination } from "../../http/responses";

const sums = {
  upload: ByteText.describe("Bytes over the whole period, not the page, as text."),
  download: ByteText.describe("Bytes over the whole period, not the page, as text."),
};

export const Usage = z
  .object({ usage: z.array(UsageRecord), ...sums, pagination: Pagination })
  .meta({
    id: "ClassicUsage",
    description: "A page of usage records, and the sums of the period.",
  });
export type Usage = z.output<typeof Usage>;

const AsOf = IsoTime.nullable().describe(
  "When the account's newest event was stored; null where none is in its feed.",
);

/** A network as far as usage tells it. */
const Codes = z.object({ mcc: z.string().nullable(), mnc: z.string().nullable() });

const FleetUsageRecord = z
  .object({
    ...UsageRecord.shape,
    iccid: z.string().nullable().describe("null where the account no longer has the SIM."),
    session_id: z.string().nullable(),
    bytes: z.int().describe("`upload` and `download` together."),
    network_type: z.string().nullable(),
    network: Codes,
  })
  .meta({ id: "FleetUsageRecord" });

const counted = {
  bytes: z.int().describe("`upload` and `download` together; never more than 2^53 - 1."),
  upload: ByteText,
  download: ByteText,
  records: z.int().describe("How many records."),
};

const GroupCountry = z.string().nullable().describe("null: of no country.");

const UsageGroup = z
  .union([
    z.object({ time: ClassicTime, ...counted }),
    z.object({ sim_id: z.string(), iccid: z.string().nullable(), ...counted }),
    z.object({ country_code: GroupCountry, network: Codes, ...counted }),
    z.object({ country_code: GroupCountry, ...counted }),
  ])
  .meta({ id: "UsageGroup", description: "The sums of what `group` asks for." });

export const FleetUsage = z
  .object({
    pagination: Pagination,
    usage: z
      .array(z.union([FleetUsageRecord, UsageGroup]))
      .describe("Records, or with `group` groups."),
    ...sums,
    as_of: AsOf,
  })
  .meta({
    id: "FleetUsage",
    description: "A page of usage records or groups, and the sums of the period.",
  });

export const TagTotal = z
  .object({
    tag_id: z.uuid(),
    ...counted,
    sims: z.int().describe("How many SIMs carry the tag."),
    as_of: AsOf,
  })
  .meta({ id: "TagTotal" });
export type TagTotal = z.output<typeof TagTotal>;

/** What `GET /usage` answers: the fleet API's, or with a parameter of the classic call that one's. */
export const EitherUsage = z.union([FleetUsage, Usage]);
