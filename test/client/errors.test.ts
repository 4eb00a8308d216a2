import { expect, it } from "vitest";
import { createClient, SimplaneError } from "../../client";
import { givenScript, ok, refusal } from "./given-script";

it("throws what is refused, with its code, its call and where it is explained", async () => {
  const { simplane } = givenScript([
    refusal(409, "id_conflict", {
      link: '<https://api.example.com/docs#id_conflict>; rel="help"',
      "x-request-id": "9ff9c664",
      "x-error-detail": "The id is taken.",
    }),
  ]);
  const error: unknown = await simplane
    .POST("/sim", { body: { id: "192837465" } })
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(SimplaneError);
  expect(error).toMatchObject({
    name: "SimplaneError",
    code: "id_conflict",
    status: 409,
    requestId: "9ff9c664",
    docs: "https://api.example.com/docs#id_conflict",
    detail: "The id is taken.",
    message:
      "POST /sim: id_conflict (409): The id is taken., see https://api.example.com/docs#id_conflict",
  });
});

it.each(["<h1>Bad gateway</h1>", "[]", '"error"', '{"error":1}', ""])(
  "throws what answered in the API's place: %s",
  async (body) => {
    const { simplane } = givenScript([new Response(body, { status: 500 })]);
    await expect(simplane.GET("/sims")).rejects.toMatchObject({
      code: "unexpected_answer",
      status: 500,
      requestId: null,
      docs: null,
    });
  },
);

it.each([
  new Response("<h1>Log in</h1>", { headers: { "content-type": "text/html" } }),
  new Response(null, { status: 204 }),
])("throws what answered in the API's place as if all were well", async (answer) => {
  const { simplane } = givenScript([answer]);
  await expect(simplane.GET("/sims")).rejects.toMatchObject({
    code: "unexpected_answer",
    status: answer.status,
  });
});

it("sends the key as it is, and tells no error of it", async () => {
  const { simplane, sent } = givenScript([refusal(401, "unauthorized")]);
  const error: unknown = await simplane.GET("/").catch((thrown: unknown) => thrown);
  expect(sent[0]?.headers.get("authorization")).toBe("sp_key");
  expect(JSON.stringify(error) + String(error)).not.toContain("sp_key");
});

it("answers the answer beside its data", async () => {
  const { simplane, sent } = givenScript([ok({ id: "192837465", alias: null, active: true })]);
  const { data, response } = await simplane.GET("/sim", { params: { query: { id: "192837465" } } });
  expect({ id: data.id, status: response.status }).toEqual({ id: "192837465", status: 200 });
  expect(sent[0]?.path).toBe("/sim?id=192837465");
});

it.each(["https://api.example.com/?a=1", "https://api.example.com/#a", "no URL"])(
  "takes no baseUrl such as %s",
  (baseUrl) => {
    expect(() => createClient({ baseUrl, key: "sp_key" })).toThrow(TypeError);
  },
);

it.each([".", ".."])("asks nothing else when an id is %s, a step of a path", async (id) => {
  const { simplane, sent } = givenScript([ok({})]);
  const asked = simplane.GET("/events/{id}", { params: { path: { id } } });
  await expect(asked).rejects.toThrow(TypeError);
  expect(sent).toEqual([]);
});
