import type { Command } from "@commander-js/extra-typings";
import type { Column } from "../output/table";
import { nullOr, whole } from "../parse";
import type { OpenSession } from "../session";
import type { components } from "../../client";

type Account = components["schemas"]["AccountPage"]["accounts"][number];

const COLUMNS: Column<Account>[] = [
  { title: "ID", value: ({ id }) => id, whole: true },
  { title: "NAME", value: ({ name }) => name },
  { title: "CALLS A MINUTE", value: ({ rate_limit }) => String(rate_limit ?? "-"), align: "right" },
  { title: "MADE", value: ({ created_at }) => created_at },
];

/** Who owns SIMs: the operator's commands. */
export function accounts(program: Command, open: OpenSession): void {
  const group = program.command("accounts").description("the operator's: who owns SIMs");

  group
    .command("list")
    .description("list the accounts, oldest first")
    .action(async () => {
      const { operator, out } = open();
      await out.list(operator().iterate("/operator/accounts"), COLUMNS, "No accounts.");
    });

  group
    .command("create")
    .description("make an account; `keys create --account` makes its first key")
    .argument("<name>", "1 to 100 characters")
    .action(async (name) => {
      const { operator, out } = open();
      const { data } = await operator().POST("/operator/accounts", { body: { name } });
      await out.fields(data);
    });

  group
    .command("set")
    .description("change an account")
    .argument("<account>", "its id")
    .requiredOption("--rate-limit <calls>", "calls a minute of each key, or none", nullOr(whole))
    .action(async (id, { rateLimit }) => {
      const { operator, out } = open();
      const init = { params: { path: { id } }, body: { rate_limit: rateLimit.value } };
      const { data } = await operator().PATCH("/operator/accounts/{id}", init);
      await out.fields(data);
    });
}
