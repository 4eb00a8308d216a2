import { done } from "../done";
import {
  CONNECTOR,
  cursorTo,
  ICCID,
  NETWORK_LIST,
  OTHER_SIM,
  SIM,
  TAG,
  TAG_ANSWER,
  TIME,
} from "../examples";
import { named } from "../json-schema";
import type { Parameter, Section } from "../operation";
import { ChangeResults, FleetSim, FleetSims, SimPage } from "../../src/api/sims/responses";
import { SimPatch } from "../../src/api/sims/patch/input";

named(
  SimPatch,
  "SimPatch",
  "What changes a SIM: what is left out stays, null takes away. A SIM may be sent back as it was read.",
  {
    label: "1 to 100 characters without control characters, unique within the account; or null.",
    network_whitelist: "The name of a network list, or null.",
    imei_lock: "The device that the SIM is bound to: 14 to 16 digits, or null.",
    connector: "The name of a connector, or null.",
    activated: "Whether the SIM is switched on.",
    data_limit: "Bytes a month; what is left out stays.",
    tags: "Ids of tags: replaces all of the SIM's.",
    technologies: "What is left out stays.",
  },
);

const FLEET_SIM = {
  id: SIM,
  iccid: ICCID,
  imsi: null,
  msisdn: null,
  eid: null,
  label: "harbour 7",
  network_whitelist: NETWORK_LIST,
  imei_lock: null,
  imei: "358299849999999",
  connector: CONNECTOR,
  activated: true,
  ipv4: null,
  online: true,
  online_at: TIME,
  last_came_online_at: TIME,
  last_seen_at: TIME,
  network: { name: "Telenor", country: "Norway", country_code: "NO", mcc: "242", mnc: "01" },
  usage: 15_532_152,
  tags: [TAG_ANSWER],
  data_limit: {
    used: 15_532_152,
    total: 500_000_000,
    type: "monthly",
    period: "202611",
    alert_threshold: null,
    resets_at: "2026-12-01T00:00:00.000Z",
  },
  location: {
    lat: 63.42,
    lng: 10.437,
    cell_id: 21_679_616,
    location_area_code: null,
    accuracy: null,
    time: TIME,
  },
  technologies: { sms: true, "2g_3g": true, "4g": true },
};

const SIM_REF: Parameter = {
  what: "The SIM's id, or its ICCID (18 to 22 digits) with or without the check digit.",
  example: SIM,
};
const TAG_ID: Parameter = { what: "The tag's id.", example: TAG };

/** `/sims`: the SIMs of the fleet API. */
export const fleetSimOperations: Section = {
  tag: "SIMs",
  what: "`/sims` of the fleet API, over the same SIMs. They are made and deleted with the classic API.",
  operations: {
    "GET /sims": {
      id: "listSims",
      summary: "List SIMs",
      description:
        "A page of the account's SIMs. A page may hold fewer than `limit`, even none, and there is more as long as there is a `next_page`, which carries the filters and the sort.",
      parameters: {
        filter: {
          what: "All of them must hold. `filter=key:value` and `filter[]=key:value` are taken as well.",
          example: { online: "false" },
        },
        sort: { what: "A field, `-` before it for descending.", example: "-usage" },
        next_page: {
          what: "The cursor of the page before.",
          example: cursorTo({ filter: {}, sort: "id", after: [SIM] }),
        },
        offset: { what: "Nothing but 0: pages go by cursor.", example: 0 },
      },
      answers: {
        200: {
          what: "A page of SIMs.",
          schema: SimPage,
          examples: {
            page: {
              pagination: {
                has_more: true,
                next_page: cursorTo({ filter: {}, sort: "id", after: [SIM] }),
              },
              sims: [FLEET_SIM],
            },
          },
        },
      },
    },
    "GET /sims/find": {
      id: "findSims",
      summary: "Find SIMs by a piece",
      description:
        "SIMs with the piece in their id, label, ICCID, IMSI, MSISDN, IMEI or EID, by id. `query` is another name of `search`.",
      parameters: { search: { what: "The piece: 1 to 100 characters.", example: "arbour" } },
      answers: {
        200: { what: "The SIMs.", schema: FleetSims, examples: { found: [FLEET_SIM] } },
      },
    },
    "PATCH /sims/bulk": {
      id: "changeSims",
      summary: "Change many SIMs",
      description:
        "1 to 1,000 changes, each made or refused on its own unless `atomic`. Of two changes to one SIM the second is refused.",
      parameters: {
        dry_run: {
          what: "`true`: the results as they would be, and nothing is done.",
          example: "true",
        },
        atomic: { what: "`true`: all of the changes or none.", example: "true" },
      },
      bodies: {
        two: [
          { id: SIM, label: "harbour 7" },
          { id: OTHER_SIM, activated: false },
        ],
      },
      answers: {
        200: {
          what: "What became of each change, in their order.",
          schema: ChangeResults,
          examples: {
            mixed: {
              results: [
                { index: 0, id: SIM, sim: FLEET_SIM },
                { index: 1, id: OTHER_SIM, error: "sim_not_found" },
              ],
            },
          },
        },
      },
      errors: ["atomic_refused"],
    },
    "GET /sims/:sim_id": {
      id: "getSim",
      summary: "Read a SIM",
      description: "Answers the SIM with all that is known of it.",
      parameters: { sim_id: SIM_REF },
      answers: { 200: { what: "The SIM.", schema: FleetSim, examples: { sim: FLEET_SIM } } },
      errors: ["sim_not_found"],
      etag: { given: true },
    },
    "PATCH /sims/:sim_id": {
      id: "changeSim",
      summary: "Change a SIM",
      description: "Changes what the body names; what is left out stays.",
      parameters: { sim_id: SIM_REF },
      bodies: {
        label: { label: "harbour 7", data_limit: { total: 500_000_000 } },
        everything: {
          label: null,
          network_whitelist: NETWORK_LIST,
          imei_lock: "358299849999999",
          connector: CONNECTOR,
          activated: false,
          data_limit: { total: 500_000_000, type: "monthly", alert_threshold: 400_000_000 },
          tags: [TAG],
          technologies: { sms: false },
        },
      },
      answers: {
        200: { what: "The SIM as it is then.", schema: FleetSim, examples: { sim: FLEET_SIM } },
      },
      errors: [
        "tag_forbidden",
        "sim_not_found",
        "connector_not_found",
        "network_whitelist_not_found",
        "tag_not_found",
        "label_conflict",
      ],
      etag: { given: true, taken: true },
    },
    "PUT /sims/:sim_id/tags/:tag_id": {
      id: "addTagToSim",
      summary: "Put a tag on a SIM",
      description: "Puts one of the account's tags on a SIM.",
      parameters: { sim_id: SIM_REF, tag_id: TAG_ID },
      answers: { 200: done("The SIM carries it.") },
      errors: [
        "tag_forbidden",
        "tag_already_on_sim",
        "sim_not_found",
        "tag_not_found",
        "tag_limit_reached",
      ],
      etag: { given: true, taken: true },
    },
    "DELETE /sims/:sim_id/tags/:tag_id": {
      id: "removeTagFromSim",
      summary: "Take a tag off a SIM",
      description: "Takes a tag off a SIM; the tag itself stays.",
      parameters: { sim_id: SIM_REF, tag_id: TAG_ID },
      answers: { 200: done("It is off.") },
      errors: ["tag_forbidden", "tag_not_on_sim", "sim_not_found", "tag_not_found"],
      etag: { given: true, taken: true },
    },
  },
};
