import { Hono } from "hono";
import { expect, it } from "vitest";
import { inOrder } from "../../src/request/in-order";
import type { Called, Step } from "../../src/request/types";

/** Calls an app whose only route has these steps, which write down what happens. */
async function callWith(happened: string[], ...steps: Step[]): Promise<Response> {
  const app = new Hono<Called>().get("/", inOrder(...steps), (c) => {
    happened.push("handler");
    return c.text("done");
  });
  app.onError((error, c) => c.text(error.message, 400));
  return app.request("/");
}

const noting =
  (happened: string[], name: string): Step =>
  async (_, next) => {
    happened.push(name);
    await next();
    happened.push(`after ${name}`);
  };

const refusing: Step = () => {
  throw new Error("refused");
};

it("runs the first step outermost and the handler last", async () => {
  const happened: string[] = [];
  const answer = await callWith(happened, noting(happened, "a"), noting(happened, "b"));
  expect(await answer.text()).toBe("done");
  expect(happened).toEqual(["a", "b", "handler", "after b", "after a"]);
});

it("runs nothing after a step that refuses", async () => {
  const happened: string[] = [];
  const answer = await callWith(happened, noting(happened, "a"), refusing, noting(happened, "b"));
  expect([answer.status, await answer.text()]).toEqual([400, "refused"]);
  expect(happened).toEqual(["a"]);
});

it("takes the response that a step sets in place of the handler's", async () => {
  const happened: string[] = [];
  const answering: Step = (c) => {
    c.res = c.text("repeated");
    return Promise.resolve();
  };
  const answer = await callWith(happened, noting(happened, "a"), answering);
  expect(await answer.text()).toBe("repeated");
  expect(happened).toEqual(["a", "after a"]);
});
