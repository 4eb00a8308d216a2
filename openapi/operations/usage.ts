import { CLASSIC_TIME, cursorTo, ICCID, LAST_PAGE, SIM, TAG, TIME } from "../examples";
import type { Parameter, Section } from "../operation";
import { EitherUsage, FleetUsage, TagTotal } from "../../src/api/usage/responses";

const RECORD = {
  time: CLASSIC_TIME,
  bill_id: "1234567890-1234",
  sim_id: SIM,
  country_code: "dk",
  operation: "finalize",
  upload: "1024",
  download: "4096",
};
const FLEET_RECORD = {
  time: CLASSIC_TIME,
  bill_id: "1234567890-1234",
  sim_id: SIM,
  iccid: ICCID,
  session_id: "eff9c0b2-16b1-3eb3-aab2-692d7a2ec60e",
  bytes: 5120,
  country_code: "dk",
  network_type: "4G",
  network: { mcc: "238", mnc: "66" },
  operation: "finalize",
  upload: "1024",
  download: "4096",
};
const SUMS = { upload: "1024", download: "4096" };
const NEXT = cursorTo({
  asked: { begin: 1_795_478_400_000, end: 1_795_564_800_000 },
  sums: SUMS,
  after: {
    time: 1_795_493_584_000,
    sim_id: SIM,
    bill_id: "1234567890-1234",
    operation: "finalize",
    id: "",
  },
});
const RECORDS = {
  pagination: { has_more: true, next_page: NEXT },
  usage: [FLEET_RECORD],
  ...SUMS,
  as_of: TIME,
};
const HOURS = {
  pagination: LAST_PAGE,
  usage: [{ time: "2026-11-24 04:00:00", bytes: 5120, ...SUMS, records: 1 }],
  ...SUMS,
  as_of: TIME,
};

const FILTER: Parameter = {
  what: "All of them must hold: `time` (a year, month or day in UTC), `country_code` and, where the path names no SIM, `sim_id`. `filter=key:value` and `filter[]=key:value` are taken as well.",
  example: { time: "2026-11", country_code: "dk" },
};
const PAGE: Record<string, Parameter> = {
  filter: FILTER,
  group: { what: "Sums in place of records.", example: "days" },
  next_page: {
    what: "The cursor of the page before: it goes on with what was asked first.",
    example: NEXT,
  },
  offset: { what: "Nothing but 0: pages go by cursor.", example: 0 },
};

/** `/usage` of both APIs. */
export const usageOperations: Section = {
  tag: "Usage",
  what: "`/usage` of both APIs: records, sums by time, SIM, country or network.",
  operations: {
    "GET /usage": {
      id: "listUsage",
      summary: "List usage",
      description: `Usage records of all SIMs, and the sums of the whole period. With \`sim_id\`, \`time_begin\` or \`time_end\` it is the classic
call, which refuses \`filter\`, \`group\` and \`offset\`; without them that of the fleet API, which answers more.`,
      parameters: {
        ...PAGE,
        sim_id: { what: "Classic: one SIM. Left out: all of the account.", example: SIM },
        time_begin: {
          what: "Classic: from then on, inclusive; the start of this month (UTC) unless given.",
          example: "2026-11-01 00:00:00",
        },
        time_end: {
          what: "Classic: before then; now unless given.",
          example: "2027-01-01T00:00:00Z",
        },
      },
      answers: {
        200: {
          what: "A page of records or groups.",
          schema: EitherUsage,
          examples: {
            fleet: RECORDS,
            hours: HOURS,
            classic: { usage: [RECORD], ...SUMS, pagination: LAST_PAGE },
          },
        },
      },
      errors: ["sim_id_forbidden", "sim_id_not_found", "usage_too_large"],
    },
    "GET /usage/:sim_id": {
      id: "listSimUsage",
      summary: "List a SIM's usage",
      description: "Usage records of one SIM, or their sums, and the sums of the whole period.",
      parameters: {
        ...PAGE,
        sim_id: {
          what: "The SIM's id, or its ICCID (18 to 22 digits) with or without the check digit.",
          example: SIM,
        },
      },
      answers: {
        200: {
          what: "A page of records or groups.",
          schema: FleetUsage,
          examples: { records: RECORDS, hours: HOURS },
        },
      },
      errors: ["sim_not_found"],
    },
    "GET /usage/tag-total/:tag_id": {
      id: "getTagTotal",
      summary: "Read a tag's usage",
      description: "The sums of what the SIMs that carry the tag now used in the period.",
      parameters: {
        tag_id: { what: "The tag's id.", example: TAG },
        filter: FILTER,
      },
      answers: {
        200: {
          what: "The sums.",
          schema: TagTotal,
          examples: {
            total: { tag_id: TAG, bytes: 5120, ...SUMS, records: 1, sims: 1, as_of: TIME },
          },
        },
      },
      errors: ["tag_forbidden", "tag_not_found", "usage_too_large"],
    },
  },
};
