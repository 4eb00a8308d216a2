import { describe, expect, it } from "vitest";
import { callAsOperator } from "../../support/call";
import { givenAccount } from "../../support/given-account";
import { storedIn } from "../../support/stored";

const ISSUED = { env: { SIM_REGISTRATION: "issued" } };
const issue = (...sims: unknown[]) => callAsOperator("PUT", "/operator/sims", { sims });

it("issues cards with all that is on them", async () => {
  const acme = await givenAccount();
  const card = { id: "000000001", iccid: "8945123456789012345", imsi: "238011234567890" };
  const full = { ...card, msisdn: "4512345678", account_id: acme.id };
  expect(await issue(full, { id: "000000002", account_id: acme.id })).toAnswer(200, {
    issued: 2,
    rejected: [],
  });
  const [first, second] = await storedIn("sim_cards");
  expect(first).toMatchObject(full);
  expect(second).toMatchObject({ id: "000000002", iccid: null, imsi: null, msisdn: null });
});

it("issues a card again, to another account too as long as no SIM was made of it", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  const card = { id: "000000001", iccid: "8945123456789012345" };
  for (const account_id of [acme.id, acme.id, globex.id])
    expect(await issue({ ...card, account_id })).toAnswer(200, { issued: 1, rejected: [] });
  const sim = { id: card.id };
  expect(await acme.call("POST", "/sim", sim, ISSUED)).toAnswer(403, "id_forbidden");
  expect((await globex.call("POST", "/sim", sim, ISSUED)).status).toBe(200);
  expect(await issue({ ...card, account_id: acme.id })).toAnswer(200, {
    issued: 0,
    rejected: [{ index: 0, error: "id_conflict" }],
  });
});

it("issues 1,000 cards in a call", async () => {
  const acme = await givenAccount();
  const cards = Array.from({ length: 1000 }, (_, index) => ({
    id: String(index).padStart(9, "0"),
    iccid: String(8_945_000_000_000_000_000n + BigInt(index)),
    account_id: acme.id,
  }));
  expect(await issue(...cards)).toAnswer(200, { issued: 1000, rejected: [] });
  expect(await storedIn("sim_cards")).toHaveLength(1000);
  expect(await issue(...cards, { ...cards[0], id: "999999999" })).toAnswer(400, "sims_invalid");
});

it.each([{}, { sims: null }, { sims: [] }, { sims: {} }, { sims: "x" }, { sims: 1 }])(
  "refuses %j for a list of cards",
  async (body) => {
    expect(await callAsOperator("PUT", "/operator/sims", body)).toAnswer(400, "sims_invalid");
  },
);

describe("names each wrong card by its index and issues the others", () => {
  const good = { iccid: "8945123456789012345", imsi: "238011234567890", msisdn: "4512345678" };
  const cases: [wrong: unknown, error: string][] = [
    [null, "card_invalid"],
    [[], "card_invalid"],
    ["000000001", "card_invalid"],
    [{}, "id_invalid"],
    [{ id: 1 }, "id_invalid"],
    [{ id: "00000001" }, "id_invalid"],
    [{ id: "００００００００１" }, "id_invalid"],
    [{ iccid: "89451234567890123" }, "iccid_invalid"],
    [{ iccid: 8_945_123_456_789 }, "iccid_invalid"],
    [{ iccid: "1".repeat(23) }, "iccid_invalid"],
    [{ imsi: "23801" }, "imsi_invalid"],
    [{ imsi: "2".repeat(16) }, "imsi_invalid"],
    [{ msisdn: "45 12345678" }, "msisdn_invalid"],
    [{ msisdn: "45" }, "msisdn_invalid"],
    [{ msisdn: "4".repeat(16) }, "msisdn_invalid"],
    [{ account_id: undefined }, "account_id_invalid"],
    [{ account_id: null }, "account_id_invalid"],
    [{ account_id: "" }, "account_id_invalid"],
    [{ account_id: "x".repeat(10_000) }, "account_id_invalid"],
    [{ account_id: "nobody" }, "account_not_found"],
    [{ account_id: "\ud800" }, "account_not_found"],
    [{ account_id: "\0" }, "account_not_found"],
  ];
  it.each(cases)("%j: %s", async (wrong, error) => {
    const acme = await givenAccount();
    const first = { id: "000000001", account_id: acme.id };
    const spoilt =
      wrong !== null && typeof wrong === "object" && Object.keys(wrong).length > 0
        ? { ...good, id: "000000002", account_id: acme.id, ...wrong }
        : wrong;
    const last = { id: "000000003", account_id: acme.id };
    const answer = await issue(first, spoilt, last);
    expect(answer.json).toMatchObject({ issued: 2, rejected: [{ index: 1, error }] });
    expect((await storedIn("sim_cards")).map(({ id }) => id)).toEqual(["000000001", "000000003"]);
  });
});

it("refuses what is on another card, and of two alike in a call the second", async () => {
  const acme = await givenAccount();
  const account_id = acme.id;
  const iccid = "8945123456789012345";
  const imsi = "238011234567890";
  await issue({ id: "000000001", account_id, iccid, imsi });
  const answer = await issue(
    { id: "000000002", account_id, iccid },
    { id: "000000003", account_id, imsi },
    { id: "000000004", account_id, iccid: "1".repeat(18), imsi: "1".repeat(6) },
    { id: "000000004", account_id },
    { id: "000000005", account_id, iccid: "1".repeat(18) },
    { id: "000000006", account_id, imsi: "1".repeat(6) },
  );
  expect(answer).toAnswer(200, {
    issued: 1,
    rejected: [
      { index: 0, error: "iccid_conflict" },
      { index: 1, error: "imsi_conflict" },
      { index: 3, error: "id_conflict" },
      { index: 4, error: "iccid_conflict" },
      { index: 5, error: "imsi_conflict" },
    ],
  });
});

it("refuses a card whose SIM another account already made", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  const id = await acme.givenSim();
  expect(await issue({ id, account_id: globex.id })).toAnswer(200, {
    issued: 0,
    rejected: [{ index: 0, error: "id_conflict" }],
  });
  expect(await issue({ id, account_id: acme.id })).toAnswer(200, { issued: 1, rejected: [] });
});
