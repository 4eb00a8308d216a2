import { createServer } from "node:http";
import { expect, it } from "vitest";
import { answeredIn } from "../../cli/session";
import { explain } from "../../cli/explain";
import { listen } from "../e2e/support/receiver";

it("gives up on a server that takes a call and does not answer it", async () => {
  const silent = createServer(() => undefined);
  const port = await listen(silent);
  const call = answeredIn(5)(new Request(`http://127.0.0.1:${port}/`));
  const error: unknown = await call.catch((thrown: unknown) => thrown);
  silent.closeAllConnections();
  silent.close();
  expect(explain(error, "http://example.com")).toMatchObject({
    error: "unreachable",
    message: expect.stringContaining("it does not answer"),
  });
});
