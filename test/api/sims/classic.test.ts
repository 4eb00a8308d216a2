import { expect, it } from "vitest";
import { givenAccount } from "../../support/given-account";
import { notRefused } from "../../support/refusals";

const OK = { message: "OK" };

/** What is no SIM's id. */
const BAD_IDS = [
  undefined,
  null,
  "",
  192_837_465,
  "19283746",
  "1928374650",
  "19283746a",
  " 192837465",
  "192837465\n",
  "192837465\0",
  "１９２８３７４６５",
  "١٩٢٨٣٧٤٦٥",
  ["192837465"],
  { id: "192837465" },
  true,
];

/** What is no alias. */
const BAD_ALIASES = ["", "a".repeat(101), "a\nb", "a\0b", "a\u0085b", "\ud800", 5, true, [], {}];

it("creates a SIM and reads it back", async () => {
  const acme = await givenAccount();
  const sim = { id: "192837465", alias: "My-Lego-Drone01", active: true };
  expect(await acme.call("POST", "/sim", sim)).toAnswer(200, OK);
  expect(await acme.call("GET", "/sim?id=192837465")).toAnswer(200, sim);
});

it("answers in JSON, compact, with the specification's fields in its order", async () => {
  const acme = await givenAccount();
  await acme.givenSim({ id: "000000001", alias: "4512345678" });
  const answer = await acme.call("GET", "/sim?id=000000001");
  expect(answer.text).toBe('{"id":"000000001","alias":"4512345678","active":true}');
  expect(answer.headers.get("content-type")).toMatch(/^application\/json/);
});

it("gives a SIM no alias and makes it active unless told otherwise", async () => {
  const acme = await givenAccount();
  const sim = { id: "192837465", alias: null, active: true };
  expect(await acme.call("POST", "/sim", { id: sim.id })).toAnswer(200, OK);
  expect(await acme.call("GET", "/sim?id=192837465")).toAnswer(200, sim);
});

it("takes null as no alias, on any number of SIMs", async () => {
  const acme = await givenAccount();
  for (const id of ["000000001", "000000002"]) {
    expect(await acme.call("POST", "/sim", { id, alias: null, active: false })).toAnswer(200, OK);
    const sim = { id, alias: null, active: false };
    expect(await acme.call("GET", `/sim?id=${id}`)).toAnswer(200, sim);
  }
});

it("keeps an alias as it came, whatever its letters", async () => {
  const acme = await givenAccount();
  for (const alias of ["0", " x ", "null", "😀".repeat(100), "Ærø 'n\" \\ %_;--", "a\u0301"]) {
    const id = await acme.givenSim({ alias });
    expect(await acme.call("GET", `/sim?id=${id}`)).toAnswer(200, { id, alias, active: true });
  }
});

it("replaces a SIM: what is left out takes its default", async () => {
  const acme = await givenAccount();
  const connector = await acme.givenConnector();
  const id = await acme.givenSim({ alias: "drone", connector });
  const changed = { id, alias: "boat", active: false };
  expect(await acme.call("PUT", "/sim", { ...changed, connector })).toAnswer(200, OK);
  expect(await acme.call("GET", `/sim?id=${id}`)).toAnswer(200, { ...changed, connector });
  expect(await acme.call("PUT", "/sim", { id })).toAnswer(200, OK);
  const bare = { id, alias: null, active: true };
  expect(await acme.call("GET", `/sim?id=${id}`)).toAnswer(200, bare);
});

it("lets a SIM keep its own alias when it is replaced", async () => {
  const acme = await givenAccount();
  const id = await acme.givenSim({ alias: "drone" });
  expect(await acme.call("PUT", "/sim", { id, alias: "drone", active: false })).toAnswer(200, OK);
});

it("deletes a SIM, named in the query or in the body", async () => {
  const acme = await givenAccount();
  const [first, second] = [await acme.givenSim(), await acme.givenSim()];
  expect(await acme.call("DELETE", `/sim?id=${first}`)).toAnswer(200, OK);
  expect(await acme.call("DELETE", "/sim", { id: second })).toAnswer(200, OK);
  for (const id of [first, second])
    expect(await acme.call("GET", `/sim?id=${id}`)).toAnswer(404, "sim_not_found");
});

it("takes the body's id rather than the query's", async () => {
  const acme = await givenAccount();
  const [kept, gone] = [await acme.givenSim(), await acme.givenSim()];
  expect(await acme.call("DELETE", `/sim?id=${kept}`, { id: gone })).toAnswer(200, OK);
  expect((await acme.call("GET", `/sim?id=${kept}`)).status).toBe(200);
});

it("lets an account create again what it deleted, alias and all", async () => {
  const acme = await givenAccount();
  const id = await acme.givenSim({ alias: "drone" });
  await acme.call("DELETE", `/sim?id=${id}`);
  expect(await acme.call("PUT", "/sim", { id })).toAnswer(404, "sim_not_found");
  expect(await acme.call("POST", "/sim", { id, alias: "drone" })).toAnswer(200, OK);
});

it("refuses an id that the account already has", async () => {
  const acme = await givenAccount();
  const id = await acme.givenSim({ alias: "drone" });
  expect(await acme.call("POST", "/sim", { id, alias: "boat" })).toAnswer(409, "id_conflict");
  expect((await acme.call("GET", `/sim?id=${id}`)).json.alias).toBe("drone");
});

it("refuses an alias that another SIM of the account has", async () => {
  const acme = await givenAccount();
  await acme.givenSim({ id: "000000001", alias: "drone" });
  const taken = { id: "000000002", alias: "drone" };
  expect(await acme.call("POST", "/sim", taken)).toAnswer(409, "alias_conflict");
  await acme.givenSim({ id: "000000002", alias: "Drone" });
  expect(await acme.call("PUT", "/sim", taken)).toAnswer(409, "alias_conflict");
  expect((await acme.call("GET", "/sim?id=000000002")).json.alias).toBe("Drone");
});

it("lets two accounts have the same alias", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  const sim = { id: "000000001", alias: "drone" };
  expect(await acme.call("POST", "/sim", sim)).toAnswer(200, OK);
  expect(await globex.call("POST", "/sim", { ...sim, id: "000000002" })).toAnswer(200, OK);
});

it("says of a SIM that nobody has that it is not found", async () => {
  const acme = await givenAccount();
  expect(await acme.call("GET", "/sim?id=192837465")).toAnswer(404, "sim_not_found");
  expect(await acme.call("PUT", "/sim", { id: "192837465" })).toAnswer(404, "sim_not_found");
  expect(await acme.call("DELETE", "/sim?id=192837465")).toAnswer(404, "sim_not_found");
});

it("says of another account's SIM that it is forbidden, and leaves it as it is", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  const id = await acme.givenSim({ alias: "drone" });
  expect(await globex.call("GET", `/sim?id=${id}`)).toAnswer(403, "id_forbidden");
  expect(await globex.call("POST", "/sim", { id })).toAnswer(403, "id_forbidden");
  expect(await globex.call("PUT", "/sim", { id, active: false })).toAnswer(403, "id_forbidden");
  expect(await globex.call("DELETE", `/sim?id=${id}`)).toAnswer(403, "id_forbidden");
  const sim = { id, alias: "drone", active: true };
  expect(await acme.call("GET", `/sim?id=${id}`)).toAnswer(200, sim);
});

it.each(["POST", "PUT", "DELETE"])("refuses to %s what is no id", async (method) => {
  const acme = await givenAccount();
  const send = (id: unknown) => acme.call(method, "/sim", { id });
  expect(await notRefused(BAD_IDS, "id_invalid", send)).toEqual([]);
});

it.each(["POST", "PUT"])("refuses to %s what is no alias", async (method) => {
  const acme = await givenAccount();
  const send = (alias: unknown) => acme.call(method, "/sim", { id: "192837465", alias });
  expect(await notRefused(BAD_ALIASES, "alias_invalid", send)).toEqual([]);
});

it.each(["POST", "PUT"])("refuses to %s what is neither active nor not", async (method) => {
  const acme = await givenAccount();
  const send = (active: unknown) => acme.call(method, "/sim", { id: "192837465", active });
  const wrong = ["true", "false", "", 0, 1, null, [], {}];
  expect(await notRefused(wrong, "active_invalid", send)).toEqual([]);
});

it("refuses to read a SIM that the query does not name", async () => {
  const acme = await givenAccount();
  const twice = "?id=192837465&id=192837465";
  const queries = ["", "?id=", "?id=19283746", twice];
  const send = (query: unknown) => acme.call("GET", `/sim${String(query)}`);
  expect(await notRefused(queries, "id_invalid", send)).toEqual([]);
  const misspelt = ["?id[]=192837465", "?ID=192837465", "?id=192837465&x=1"];
  expect(await notRefused(misspelt, "parameter_unknown", send)).toEqual([]);
});
