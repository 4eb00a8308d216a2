import { expect, it } from "vitest";
import { registrationOf, usageOf } from "../../support/events";
import { inMinutes } from "../../support/fleet";
import { givenAccount } from "../../support/given-account";
import { givenPipeline } from "../../support/pipeline";

/** A SIM, and a way to report of it batch by batch: `"A start"` is a record of session A. */
async function givenSim() {
  const acme = await givenAccount();
  const [sim, pipeline] = [await acme.givenSim(), givenPipeline()];
  const at = (second: number) => new Date(Date.UTC(2026, 2, 1, 10) + second * 1000).toISOString();
  const event = (second: number, told: string) => {
    const [session = "", operation = ""] = told.split(" ");
    const time = at(second);
    if (session === "leaves")
      return { ...registrationOf(sim, { time }), type: "network-deregistration" };
    if (session === "registers") return registrationOf(sim, { time });
    return usageOf(sim, { time, operation, ...(session !== "-" && { session_id: session }) });
  };
  return {
    acme,
    sim,
    pipeline,
    at,
    /** Events by the second that they happened in, of one batch. */
    hear: async (events: Record<number, string>) => {
      await pipeline.report(
        ...Object.entries(events).map(([second, told]) => event(Number(second), told)),
      );
      await pipeline.storeAll();
    },
    state: async () => {
      const { json } = await acme.call("GET", `/sims/${sim}`);
      return json;
    },
  };
}

it("is online until the last of its sessions ends", async () => {
  const { hear, state, at } = await givenSim();
  await hear({ 1: "A start" });
  await hear({ 2: "B start" });
  await hear({ 3: "A finalize" });
  expect(await state()).toMatchObject({ online: true, online_at: at(1) });
  await hear({ 4: "B update" });
  await hear({ 5: "B finalize" });
  expect(await state()).toMatchObject({
    online: false,
    online_at: null,
    last_came_online_at: at(1),
  });
  await hear({ 6: "C start" });
  expect(await state()).toMatchObject({ online: true, last_came_online_at: at(6) });
});

it("is so whichever records come together", async () => {
  const records = ["A start", "B start", "A finalize", "B update", "B finalize"];
  for (const cut of [1, 2, 3, 4]) {
    const { hear, state } = await givenSim();
    const part = (from: number, to: number) =>
      Object.fromEntries(records.slice(from, to).map((told, index) => [from + index, told]));
    await hear(part(0, cut));
    if (cut < 4) await hear(part(cut, 4));
    expect([cut, (await state()).online]).toEqual([cut, true]);
    await hear(part(4, 5));
    expect([cut, (await state()).online]).toEqual([cut, false]);
  }
});

it("did not come online anew when one of its sessions ended and came back", async () => {
  const { hear, state, at } = await givenSim();
  await hear({ 1: "A start", 2: "B start" });
  await hear({ 3: "A finalize", 4: "A2 start" });
  expect(await state()).toMatchObject({
    online: true,
    online_at: at(1),
    last_came_online_at: at(1),
  });
});

it("is offline when the ends of its sessions come in the wrong order", async () => {
  const { hear, state } = await givenSim();
  await hear({ 1: "A start", 2: "B start" });
  await hear({ 9: "B finalize" });
  expect(await state()).toMatchObject({ online: true });
  await hear({ 8: "A finalize" });
  expect(await state()).toMatchObject({ online: false });
});

it("does not open a session again by a record that comes after its end", async () => {
  const { hear, state } = await givenSim();
  await hear({ 1: "A start", 2: "B start" });
  await hear({ 9: "A finalize" });
  await hear({ 5: "A update" });
  await hear({ 10: "B finalize" });
  expect(await state()).toMatchObject({ online: false });
});

it("does not open a session again by such a record beside the end of another", async () => {
  const { hear, state } = await givenSim();
  await hear({ 1: "A start", 2: "B start" });
  await hear({ 9: "A finalize" });
  await hear({ 5: "A update", 6: "B finalize" });
  await hear({ 10: "C start" });
  await hear({ 11: "C finalize" });
  expect(await state()).toMatchObject({ online: false });
});

it("knows no session from before it was made again", async () => {
  const { acme, sim, pipeline, state } = await givenSim();
  const hearAt = async (minutes: number, session_id: string, operation: string) => {
    await pipeline.report(usageOf(sim, { time: inMinutes(minutes), session_id, operation }));
    await pipeline.storeAll();
  };
  await hearAt(-10, "A", "start");
  await acme.call("DELETE", `/sim?id=${sim}`);
  await acme.call("POST", "/sim", { id: sim });
  await hearAt(-5, "A", "update");
  await hearAt(1, "B", "start");
  expect(await state()).toMatchObject({ online: true });
  await hearAt(2, "B", "finalize");
  expect(await state()).toMatchObject({ online: false });
});

it("ends all sessions when it leaves the network, or a record ends without saying which", async () => {
  for (const end of ["leaves", "- finalize"]) {
    const { hear, state } = await givenSim();
    await hear({ 1: "A start", 2: "B start" });
    await hear({ 3: end });
    expect([end, (await state()).online]).toEqual([end, false]);
    await hear({ 4: "C start" });
    await hear({ 5: "C finalize" });
    expect([end, (await state()).online]).toEqual([end, false]);
    await hear({ 6: "D start", 7: "E start", 8: end });
    expect([end, (await state()).online]).toEqual([end, false]);
  }
});

it("forgets a session whose end was lost after a day", async () => {
  const { hear, state } = await givenSim();
  await hear({ 1: "A start", 2: "B start" });
  await hear({ 43_300: "B update" });
  await hear({ 86_500: "B finalize" });
  expect(await state()).toMatchObject({ online: false });
});

it("forgets the oldest of more sessions than a device can have", async () => {
  const { hear, state } = await givenSim();
  const each = (first: number, operation: string) =>
    Object.fromEntries(
      Array.from({ length: 21 - first }, (_, n) => [
        operation === "start" ? first + n : 100 + n,
        `S${first + n} ${operation}`,
      ]),
    );
  await hear(each(1, "start"));
  await hear(each(6, "finalize"));
  expect(await state()).toMatchObject({ online: true });
  await hear({ 200: "S5 finalize" });
  expect(await state()).toMatchObject({ online: false });
});

it("knows a session that goes on for days", async () => {
  const { hear, state } = await givenSim();
  await hear({ 1: "A start" });
  for (const hour of [6, 12, 18, 24, 30, 36]) await hear({ [hour * 3600 + 5]: "A update" });
  await hear({ 130_000: "B start" });
  await hear({ 130_001: "B finalize" });
  expect(await state()).toMatchObject({ online: true });
});

it("takes any text for a session's name", async () => {
  for (const name of ["__proto__", `a"b'c.$[0]`, "x".repeat(253)]) {
    const { hear, state } = await givenSim();
    await hear({ 1: `${name} start`, 2: "B start" });
    await hear({ 3: "B finalize" });
    expect([name, (await state()).online]).toEqual([name, true]);
    await hear({ 4: `${name} finalize` });
    expect([name, (await state()).online]).toEqual([name, false]);
  }
});
