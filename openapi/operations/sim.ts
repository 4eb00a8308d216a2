import { done } from "../done";
import { CONNECTOR, SIM } from "../examples";
import { named } from "../json-schema";
import type { Parameter, Section } from "../operation";
import { ClassicSim } from "../../src/api/sims/responses";
import { SimInput } from "../../src/api/sims/schemas";

named(
  SimInput,
  "SimInput",
  "A SIM as the classic API takes it; what is left out takes its default.",
  {
    id: "Nine digits.",
    alias: "1 to 100 characters without control characters, unique within the account; or null.",
    active: "Whether the SIM is switched on.",
    connector: "The id of one of the account's connectors, or null.",
  },
);

const ID: Parameter = { what: "The SIM's id: nine digits.", example: SIM };

/** `/sim`: the SIMs of the classic API. */
export const classicSimOperations: Section = {
  tag: "SIMs (classic)",
  what: "`/sim` of the classic API.",
  operations: {
    "GET /sim": {
      id: "getClassicSim",
      summary: "Read a SIM",
      description: "Answers the SIM with the fields of the classic API.",
      parameters: { id: ID },
      answers: {
        200: {
          what: "The SIM.",
          schema: ClassicSim,
          examples: {
            plain: { id: SIM, alias: "My-Lego-Drone01", active: true },
            connected: { id: SIM, alias: null, active: true, connector: CONNECTOR },
          },
        },
      },
      errors: ["id_forbidden", "sim_not_found"],
      etag: { given: true, conditional: true },
    },
    "POST /sim": {
      id: "createClassicSim",
      summary: "Make a SIM",
      description:
        "Makes a SIM of the account. Which ids it may take, the deployment says: any that no one holds, or only those of cards that the operator issued to it.",
      bodies: { named: { id: SIM, alias: "My-Lego-Drone01" }, least: { id: SIM } },
      answers: { 200: done("It is made.") },
      errors: [
        "field_unknown",
        "tag_forbidden",
        "id_forbidden",
        "connector_not_found",
        "id_conflict",
        "alias_conflict",
        "sim_limit_reached",
      ],
    },
    "PUT /sim": {
      id: "replaceClassicSim",
      summary: "Replace a SIM",
      description:
        "Replaces what the classic API knows of a SIM: what is left out takes its default.",
      bodies: { switchedOff: { id: SIM, alias: "My-Lego-Drone02", active: false } },
      answers: { 200: done("It is replaced.") },
      errors: [
        "field_unknown",
        "id_forbidden",
        "sim_not_found",
        "connector_not_found",
        "alias_conflict",
      ],
      etag: { given: true, taken: true },
    },
    "DELETE /sim": {
      id: "deleteClassicSim",
      summary: "Delete a SIM",
      description: "Deletes a SIM of the account. It may be made again; its usage records stay.",
      parameters: { id: ID },
      answers: { 200: done("It is deleted.") },
      errors: ["id_forbidden", "sim_not_found"],
      etag: { taken: true },
    },
  },
};
