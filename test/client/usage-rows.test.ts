import { expect, expectTypeOf, it } from "vitest";
import { createClient } from "../../client";

const simplane = createClient({ baseUrl: "https://simplane.example.com", key: "sp_1" });

/** Never called: its types are what is tested, by `npx tsc`. */
async function typedUsage(month: string, group: "sim" | "country", query: { group?: "sim" }) {
  const filter = { time: month };
  const countries = await simplane.GET("/usage", {
    params: { query: { filter, group: "country" } },
  });
  const [country] = countries.data.usage;
  expectTypeOf(country!.bytes).toEqualTypeOf<number>();
  expectTypeOf(country!.country_code).toEqualTypeOf<string | null>();
  // @ts-expect-error -- a country's sums are of no SIM
  void country!.sim_id;
  expectTypeOf(countries.data.as_of).toEqualTypeOf<string | null>();

  const days = await simplane.GET("/usage", { params: { query: { group: "days" } } });
  expectTypeOf(days.data.usage[0]!.time).toEqualTypeOf<string>();
  const networks = await simplane.GET("/usage", { params: { query: { group: "network" } } });
  expectTypeOf(networks.data.usage[0]!.network.mcc).toEqualTypeOf<string | null>();

  for await (const row of simplane.iterate("/usage", { params: { query: { group: "sim" } } })) {
    expectTypeOf(row.sim_id).toEqualTypeOf<string>();
    expectTypeOf(row.records).toEqualTypeOf<number>();
  }
  for await (const page of simplane.pages("/usage", { params: { query: { group: "sim" } } }))
    expectTypeOf(page.usage[0]!.iccid).toEqualTypeOf<string | null>();

  const text = await simplane.GET("/usage", { params: { query: {} }, parseAs: "text" });
  expectTypeOf(text.data).toEqualTypeOf<string>();

  const records = await simplane.GET("/usage");
  expectTypeOf(records.data.usage[0]!.bill_id).toEqualTypeOf<string>();
  expectTypeOf(records.data.usage[0]!.bytes).toEqualTypeOf<number>();
  for await (const row of simplane.iterate("/usage"))
    expectTypeOf(row.session_id).toEqualTypeOf<string | null>();

  const classic = await simplane.GET("/usage", { params: { query: { sim_id: "100000001" } } });
  expectTypeOf(classic.data.usage[0]!.bill_id).toEqualTypeOf<string>();
  // @ts-expect-error -- the classic record has no such field
  void classic.data.usage[0]!.bytes;

  // Known only when it runs: all that it may be.
  const either = await simplane.GET("/usage", { params: { query: { group } } });
  const [row] = either.data.usage;
  expectTypeOf(row!.bytes).toEqualTypeOf<number>();
  // @ts-expect-error -- it may be a country's
  void row!.sim_id;
  const perhaps = await simplane.GET("/usage", { params: { query } });
  // @ts-expect-error -- it may be a record
  void perhaps.data.usage[0]!.records;
}

it("usage has one kind of rows, where the call says which", () => {
  expect(typedUsage).toBeTypeOf("function");
});
