import type { Command } from "@commander-js/extra-typings";
import type { components } from "../../client";
import { Failure } from "../failures";
import type { Column } from "../output/table";
import type { OpenSession, Session } from "../session";
import { duration } from "../when";
import { asLimits, withLimits } from "./key-limits";

type Listed = components["schemas"]["ApiKey"] & { revoked_at?: string | null };

const SHOWN_ONCE = "The key is shown only now: keep it.";

const COLUMNS: Column<Listed>[] = [
  { title: "ID", value: ({ id }) => id, whole: true },
  { title: "NAME", value: ({ name }) => name },
  { title: "SCOPES", value: ({ scopes }) => scopes.join(" ") },
  { title: "ADDRESSES", value: ({ allowed_ips }) => allowed_ips.join(" ") || "all" },
  { title: "LAST USED", value: ({ last_used_at }) => last_used_at ?? "-" },
  { title: "ENDS", value: ends },
];

/** An account's keys: its own, and, with `--account`, by the operator. */
export function keys(program: Command, open: OpenSession): void {
  const group = program.command("keys").description("an account's keys");

  group
    .command("list")
    .description("list the keys that are valid")
    .option("--account <account>", "as the operator: all keys of this account")
    .action(async ({ account }) => {
      const session = open();
      await session.out.list(await keysOf(session, account), COLUMNS, "No keys.");
    });

  withLimits(group.command("create"))
    .description("make a key, and show it")
    .argument("<name>", "1 to 100 characters")
    .option("--account <account>", "as the operator: for this account")
    .action(async (name, { account, ...limits }) => {
      const session = open();
      const data = await make(session, { ...asLimits(limits), name }, account);
      await session.out.fields(data);
      session.notes.line(SHOWN_ONCE);
    });

  withLimits(group.command("update"))
    .description("change what a key may do; what is not given stays")
    .argument("<key>", "its id")
    .option("--name <name>", "another name")
    .action(async (id, { name, ...limits }) => {
      const { api, out } = open();
      const body = { ...asLimits(limits), ...(name !== undefined && { name }) };
      const { data } = await api().PATCH("/keys/{id}", { params: { path: { id } }, body });
      await out.fields(data);
    });

  group
    .command("delete")
    .description("revoke a key")
    .argument("<key>", "its id")
    .option("--as-operator", "with the operator's key: of any account")
    .action(async (id, { asOperator }) => {
      const { api, operator, out } = open();
      const init = { params: { path: { id } } };
      const { data } = asOperator
        ? await operator().DELETE("/operator/keys/{id}", init)
        : await api().DELETE("/keys/{id}", init);
      await out.one(data, () => [`The key ${id} is revoked.`]);
    });

  group
    .command("rotate")
    .description("make a new key in place of one, which lives on for a while")
    .argument("<key>", "its id")
    .option("--overlap <span>", "how long the old one lives, at most 7d (1d)", duration)
    .action(async (id, { overlap }) => {
      const { api, out, notes } = open();
      const body = overlap === undefined ? {} : { overlap_seconds: overlap };
      const { data } = await api().POST("/keys/{id}/rotate", { params: { path: { id } }, body });
      await out.fields(data);
      notes.line(SHOWN_ONCE);
    });
}

/** The operator may leave the scopes out: its keys are first ones, and may do everything. */
async function make(
  { api, operator }: Session,
  { scopes, ...limits }: ReturnType<typeof asLimits> & { name: string },
  account?: string,
) {
  if (account !== undefined) {
    const body = { ...limits, ...(scopes && { scopes }) };
    const init = { params: { path: { id: account } }, body };
    return (await operator().POST("/operator/accounts/{id}/keys", init)).data;
  }
  if (!scopes) throw new Failure("What may the key do? --scope sims:read, or --scope '*' for all.");
  return (await api().POST("/keys", { body: { ...limits, scopes } })).data;
}

async function keysOf({ api, operator }: Session, account?: string): Promise<Listed[]> {
  if (account === undefined) return (await api().GET("/keys")).data;
  const found: Listed[] = [];
  const init = { params: { path: { id: account } } };
  for await (const one of operator().iterate("/operator/accounts/{id}/keys", init)) found.push(one);
  return found;
}

function ends({ revoked_at, expires_at }: Listed): string {
  return revoked_at ? `revoked ${revoked_at}` : (expires_at ?? "-");
}
