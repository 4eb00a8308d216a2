import { expect, it } from "vitest";
import { callAsOperator } from "../../../support/call";
import { storedIn } from "../../../support/stored";

const create = (name: unknown) => callAsOperator("POST", "/operator/accounts", { name });

it("makes an account", async () => {
  const answer = await create("Acme Ærøskøbing 🚢");
  expect(answer.status).toBe(201);
  expect(Object.keys(answer.json)).toEqual(["id", "name", "created_at"]);
  expect(answer.json.name).toBe("Acme Ærøskøbing 🚢");
  expect(answer.json.created_at).toBe(new Date(answer.json.created_at).toISOString());
});

it("makes two accounts of one name", async () => {
  const [one, two] = [await create("Acme"), await create("Acme")];
  expect(one.json.id).not.toBe(two.json.id);
});

it("lists accounts, oldest first, as they were made", async () => {
  const made = [await create("Acme"), await create("Globex")].map(({ json }) => json);
  const expected = made.toSorted((a, b) =>
    `${a.created_at} ${a.id}` < `${b.created_at} ${b.id}` ? -1 : 1,
  );
  expect(await callAsOperator("GET", "/operator/accounts")).toAnswer(200, {
    accounts: expected,
    pagination: { has_more: false },
  });
});

it("lists accounts page by page, each once", async () => {
  const ids: string[] = [];
  for (let index = 0; index < 7; index += 1) ids.push((await create(`Acme ${index}`)).json.id);
  const seen: string[] = [];
  for (let query = "?limit=3"; query !== "";) {
    const { accounts, pagination } = (await callAsOperator("GET", `/operator/accounts${query}`))
      .json;
    seen.push(...accounts.map(({ id }: { id: string }) => id));
    query = pagination.has_more ? `?limit=3&next_page=${pagination.next_page}` : "";
  }
  expect(seen.toSorted()).toEqual(ids.toSorted());
});

it("refuses a limit and a cursor that are none", async () => {
  const list = (query: string) => callAsOperator("GET", `/operator/accounts?${query}`);
  for (const limit of ["0", "1001", "x", ""])
    expect(await list(`limit=${limit}`)).toAnswer(400, "limit_invalid");
  for (const cursor of ["", "x", btoa('["a","b"]'), btoa("[1]"), btoa('[1,"b",2]'), btoa("{}")])
    expect(await list(`next_page=${encodeURIComponent(cursor)}`)).toAnswer(
      400,
      "next_page_invalid",
    );
});

it.each([undefined, null, "", "x".repeat(101), "a\nb", "a\0b", "\udfff", 5, true, [], {}])(
  "refuses %j for a name",
  async (name) => {
    expect(await create(name)).toAnswer(400, "name_invalid");
    expect(await storedIn("accounts")).toEqual([]);
  },
);
