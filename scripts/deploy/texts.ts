import { type Found, namespaceTitle } from "./account";
import type { Config } from "./config";
import { SECRETS } from "./secrets";

/** What a run will do, given what the account has. */
export function plan(config: Config, found: Found, placement: readonly string[]): string {
  const queues = [...new Set(config.queues.producers.map(({ queue }) => queue))];
  const database = found.database ? "is there" : `to be made ${placement.join(" ")}`.trim();
  const rows = [
    ["Worker", config.name, "to be deployed"],
    ["D1 database", config.d1_databases[0].database_name, database],
    ["", "", "migrations that it lacks are applied"],
    ["KV namespace", namespaceTitle(config), found.namespace ? "is there" : "to be made"],
    ...queues.map((queue) => ["queue", queue, "made if it is not there"]),
    ...SECRETS.map((name) => ["secret", name, found.secrets.has(name) ? "is set" : "to be made"]),
  ];
  return rows
    .map(([kind = "", name = "", what]) => `  ${kind.padEnd(13)} ${name.padEnd(34)} ${what}`)
    .join("\n");
}

/** The end of a run: where it is, the secrets that were made, and the calls that come next. */
export function farewell(url: string, made: Partial<Record<string, string>>): string {
  const key = made["OPERATOR_KEY"];
  const secrets = Object.entries(made).map(([name, value]) => `  ${name.padEnd(15)} ${value}`);
  const shown =
    secrets.length === 0
      ? ""
      : `
Keep these; they are not shown again, and cannot be read back. Without ENCRYPTION_KEY nobody can read the customers' secrets.

${secrets.join("\n")}
`;
  return `
Deployed to ${url}, with its documentation at ${url}/docs.
${shown}
Next: make the first customer, with a key of its own.

  export API=${url} OPERATOR_KEY=${key ?? "op_..."}
  curl -s -X POST "$API/operator/accounts" -H "Authorization: $OPERATOR_KEY" --data '{"name":"Acme"}'
  curl -s -X POST "$API/operator/accounts/ACCOUNT-ID/keys" -H "Authorization: $OPERATOR_KEY" --data '{"name":"first"}'
  curl -s "$API/" -H "Authorization: THE-NEW-KEY"
`;
}
