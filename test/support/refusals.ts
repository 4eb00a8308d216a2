import { expect, it } from "vitest";
import { type ErrorCode, ERRORS } from "../../src/platform/errors";
import { type Answer, call } from "./call";
import { givenAccount } from "./given-account";
import { callAs, type ProtectedRoute } from "./protected-routes";
import { everythingStored } from "./stored";

const bytes = (...values: number[]) => new Uint8Array(values);
const text = (value: string) => new TextEncoder().encode(value);

/** Bodies that are not one JSON object in UTF-8 with distinct names. */
export const BAD_BODIES: [name: string, body: string | Uint8Array][] = [
  ["nothing", ""],
  ["blanks", " \n"],
  ["null", "null"],
  ["a number", "1"],
  ["a text", '"id"'],
  ["a list", "[]"],
  ["a list of an object", '[{"id":"192837465"}]'],
  ["half an object", '{"id":'],
  ["an object and more", "{}{}"],
  ["single quotes", "{'id':'192837465'}"],
  ["a form", "id=192837465"],
  ["a name given twice", '{"id":"192837465","id":"192837466"}'],
  ["a name given twice further in", '{"options":{"url":1,"url":2}}'],
  ["a name given twice, once escaped", '{"id":1,"\\u0069d":2}'],
  ["a byte that no UTF-8 has", bytes(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d)],
  ["half a character", new Uint8Array([...text('{"id":"'), 0xe2, 0x82, ...text('"}')])],
  ["UTF-16", bytes(0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00)],
  ["a raw control character", '{"id":"\u0001"}'],
  ["brackets as deep as the body is long", "[".repeat(100_000)],
];

/** Those of the values that are not refused with this code, and what they are answered. */
export async function notRefused(
  values: readonly unknown[],
  code: ErrorCode,
  send: (value: unknown) => Promise<Answer>,
): Promise<string[]> {
  const [status] = ERRORS[code];
  const others: string[] = [];
  for (const value of values) {
    const answer = await send(value);
    if (answer.status === status && answer.text === `{"error":"${code}"}`) continue;
    const shown = JSON.stringify([value]).slice(1, -1).slice(0, 100);
    others.push(`${shown}: ${answer.status} ${answer.text}`);
  }
  return others;
}

/** What every route behind a key refuses, whatever it does. */
export function itRefusesStrangers({ method, url, allow, takesBody }: ProtectedRoute): void {
  const body = takesBody ? {} : undefined;

  it("refuses a call without a key", async () => {
    expect(await call(method, url, body)).toAnswer(401, "unauthorized");
  });

  it("refuses a key that is none", async () => {
    for (const key of ["x", "Bearer", "Basic eDp5", `sp_${"a".repeat(40)}`])
      expect(await call(method, url, body, { key })).toAnswer(401, "unauthorized");
  });

  it("refuses a revoked key", async () => {
    const acme = await givenAccount();
    await acme.revokeKey();
    expect(await acme.call(method, url, body)).toAnswer(401, "unauthorized");
  });

  it("refuses a method that its path does not have", async () => {
    const answer = await call("PURGE", url);
    expect(answer).toAnswer(405, "method_not_allowed");
    expect(answer.headers.get("allow")).toBe(allow);
  });
}

/** What a route of the operator refuses besides. */
export function itRefusesCustomers({ method, url, takesBody }: ProtectedRoute): void {
  it("refuses a customer's key", async () => {
    const acme = await givenAccount();
    const answer = await acme.call(method, url, takesBody ? {} : undefined);
    expect(answer).toAnswer(403, "operator_only");
  });
}

/** What a route that takes a body refuses besides. */
export function itRefusesBadBodies({ method, url, caller }: ProtectedRoute): void {
  it("refuses a body that is not a JSON object, and stores nothing of it", async () => {
    const acme = await givenAccount();
    const send = callAs(caller, acme);
    const before = await everythingStored();
    for (const [, bad] of BAD_BODIES)
      expect(await send(method, url, bad)).toAnswer(400, "json_invalid");
    const limit = url === "/operator/events" ? 4 * 1024 * 1024 : 256 * 1024;
    const large = `{"filler":"${"x".repeat(limit)}"}`;
    expect(await send(method, url, large)).toAnswer(413, "body_too_large");
    expect(await everythingStored()).toEqual(before);
  });
}
