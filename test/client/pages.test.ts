import { expect, it } from "vitest";
import { givenScript, ok } from "./given-script";

const page = (ids: string[], next_page?: string) =>
  ok({
    pagination: { has_more: next_page !== undefined, next_page },
    sims: ids.map((id) => ({ id })),
  });

it("walks a list by its cursor, through pages that are empty", async () => {
  const { simplane, sent } = givenScript([page(["1", "2"], "A"), page([], "B"), page(["3"])]);
  const ids: string[] = [];
  const query = { limit: 2, offset: 4, sort: "-id" } as const;
  for await (const { id } of simplane.iterate("/sims", { params: { query } })) ids.push(id);
  expect(ids).toEqual(["1", "2", "3"]);
  expect(sent.map(({ path }) => path)).toEqual([
    "/sims?limit=2&offset=4&sort=-id",
    "/sims?limit=2&sort=-id&next_page=A",
    "/sims?limit=2&sort=-id&next_page=B",
  ]);
});

it("asks for no page that nobody wants", async () => {
  const { simplane, sent } = givenScript([page(["1", "2"], "A")]);
  for await (const { id } of simplane.iterate("/sims")) if (id === "2") break;
  expect(sent).toHaveLength(1);
});

it("walks a list by its offset until it is empty", async () => {
  const tags = (names: string[]) => ok({ total: 3, result: names.map((name) => ({ name })) });
  const { simplane, sent } = givenScript([tags(["a", "b"]), tags(["c"]), tags([])]);
  const names: string[] = [];
  for await (const { name } of simplane.iterate("/tags/search/tags")) names.push(name);
  expect(names).toEqual(["a", "b", "c"]);
  expect(sent.map(({ path }) => path)).toEqual([
    "/tags/search/tags",
    "/tags/search/tags?offset=2",
    "/tags/search/tags?offset=3",
  ]);
});

const feed = (ids: string[], next_page: string, has_more = false) =>
  ok({ events: ids.map((id) => ({ id })), pagination: { has_more, next_page } });

it("reads the feed to its end by `after`", async () => {
  const { simplane, sent } = givenScript([feed(["1"], "A", true), feed(["2"], "B")]);
  const query = { since: "2026-11-26T00:00:00Z" };
  const ids: string[] = [];
  for await (const { id } of simplane.iterate("/events", { params: { query } })) ids.push(id);
  expect(ids).toEqual(["1", "2"]);
  expect(sent.map(({ path }) => path)).toEqual([
    "/events?since=2026-11-26T00%3A00%3A00Z",
    "/events?after=A",
  ]);
});

it("follows the feed, with the cursor to remember, until its signal", async () => {
  const { simplane, sent } = givenScript([
    feed(["1", "2"], "A", true),
    feed([], "A"),
    feed(["3"], "B"),
  ]);
  const controller = new AbortController();
  const seen: { ids: string[]; cursor: string }[] = [];
  const { signal } = controller;
  for await (const { events, cursor } of simplane.follow({ after: "0", pollMs: 1, signal })) {
    seen.push({ ids: events.map(({ id }) => id), cursor });
    if (seen.length === 2) controller.abort();
  }
  expect(seen).toEqual([
    { ids: ["1", "2"], cursor: "A" },
    { ids: ["3"], cursor: "B" },
  ]);
  expect(sent.map(({ path }) => path)).toEqual([
    "/events?after=0",
    "/events?after=A",
    "/events?after=A",
  ]);
});

it("lets who follows know when the feed cannot be read", async () => {
  const { simplane } = givenScript([new Response("{}", { status: 500 })]);
  await expect(simplane.follow().next()).rejects.toMatchObject({ status: 500 });
});
