import { describe, expect, it } from "vitest";
import { givenAccount, newSimId } from "../support/given-account";

describe("a field of a classic body in another case is refused by its name", () => {
  it.each(["Active", "ACTIVE", "Alias", "Connector"])("%s of a SIM", async (field) => {
    const acme = await givenAccount();
    const id = await acme.givenSim({ alias: "boat" });
    const made = await acme.call("POST", "/sim", { id: newSimId(), [field]: null });
    const replaced = await acme.call("PUT", "/sim", { id, [field]: null });
    for (const answer of [made, replaced]) {
      expect(answer).toAnswer(400, "field_unknown");
      expect(answer.headers.get("x-error-detail")).toContain(field);
    }
    expect((await acme.call("GET", `/sim?id=${id}`)).json.alias).toBe("boat");
  });

  it("Options of a connector", async () => {
    const acme = await givenAccount();
    const options = { url: "https://a.example.com/" };
    const connector = { id: "mine", type: "https", options, Passthrough: [] };
    expect(await acme.call("POST", "/connector", connector)).toAnswer(400, "field_unknown");
  });

  it("and one that no field is called is ignored, as it was in 2018", async () => {
    const acme = await givenAccount();
    const answer = await acme.call("POST", "/sim", {
      id: newSimId(),
      active: false,
      Imsi: "1",
      note: 1,
    });
    expect(answer.status).toBe(200);
  });

  it("and a wrong field is told of first", async () => {
    const acme = await givenAccount();
    const answer = await acme.call("POST", "/sim", { id: "1", Active: false });
    expect(answer.status).toBe(400);
  });
});
