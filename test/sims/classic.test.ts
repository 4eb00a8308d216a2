import { expect, it } from "vitest";
import { givenAccount } from "../support/given-account";

it("creates a SIM and reads it back", async () => {
  const acme = await givenAccount();
  expect(await acme.call("POST", "/sim", { id: "192837465", alias: "My-Lego-Drone01" })).toAnswer(
    200,
    { message: "OK" },
  );
  expect(await acme.call("GET", "/sim?id=192837465")).toAnswer(200, {
    id: "192837465",
    alias: "My-Lego-Drone01",
    active: true,
  });
});
