import { ACCOUNT, CONNECTOR, cursorTo, LAST_PAGE } from "../examples";
import type { Section } from "../operation";
import { Resealed } from "../../src/api/operator/reseal/responses";

const PAGE = cursorTo(`connectors/${ACCOUNT}/${CONNECTOR}`);

/** `/operator/reseal`. */
export const resealOperations: Section = {
  tag: "Operator: secrets",
  what: "The customers' secrets, while the encryption key is rotated.",
  operations: {
    "POST /operator/reseal": {
      id: "resealSecrets",
      summary: "Seal secrets with the new key",
      description:
        "Seals with `ENCRYPTION_KEY` what another key sealed, of `limit` webhooks and connectors at most. Call it until `left` is 0.",
      bodies: { all: { limit: 100 }, further: { next_page: PAGE } },
      answers: {
        200: {
          what: "How far it is.",
          schema: Resealed,
          examples: {
            some: {
              resealed: 100,
              unreadable: 0,
              left: 1312,
              pagination: { has_more: true, next_page: PAGE },
            },
            done: { resealed: 0, unreadable: 0, left: 0, pagination: LAST_PAGE },
          },
        },
      },
    },
  },
};
