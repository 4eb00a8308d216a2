import { ACCOUNT, ICCID, IMSI, OTHER_SIM, SIM } from "../examples";
import { named } from "../json-schema";
import type { Section } from "../operation";
import { IssuedCards } from "../../src/api/sims/responses";
import { SimCard } from "../../src/api/sims/schemas";

named(SimCard, "SimCard", "A SIM card as the operator issues it.", {
  id: "Nine digits.",
  account_id: "The account that it is issued to.",
  take: "True: the account gets the SIM at once, and another account that has it loses it.",
});

/** `/operator/sims`. */
export const cardOperations: Section = {
  tag: "Operator: SIM cards",
  what: "The cards that the operator issues to accounts.",
  operations: {
    "PUT /operator/sims": {
      id: "issueSimCards",
      summary: "Issue SIM cards",
      description:
        "Issues 1 to 1,000 cards to accounts, each on its own: those that cannot be are named by their index. A card that was issued before is replaced. Separators and the `F` of an ICCID and the `+` of an MSISDN are removed; a field that a card does not have is refused with `field_unknown`. With `take` the SIM is taken from another account that made it: that one is deleted as by `DELETE /sim`, its records stay with that account, the new holder begins without them, and the events that waited for a holder are tried again.",
      bodies: {
        two: {
          sims: [
            { id: SIM, iccid: ICCID, account_id: ACCOUNT },
            {
              id: OTHER_SIM,
              imsi: IMSI,
              msisdn: "4512345678",
              ipv4: "10.1.2.3",
              account_id: ACCOUNT,
            },
          ],
        },
      },
      answers: {
        200: {
          what: "How many were issued, and why others were not.",
          schema: IssuedCards,
          examples: {
            all: { issued: 2, rejected: [] },
            some: { issued: 1, rejected: [{ index: 1, error: "iccid_conflict" }] },
          },
        },
      },
    },
  },
};
