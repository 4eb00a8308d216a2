import { type Command, Option } from "@commander-js/extra-typings";
import type { Page, Row } from "../../client";
import { EVENT_TYPES } from "../../client/constants";
import { Failure } from "../failures";
import { shown } from "../output/output";
import type { Column } from "../output/table";
import { take } from "../output/take";
import { nullOr, several, whole, yesOrNo } from "../parse";
import type { OpenSession } from "../session";

type Delivery = Row<Page<"/webhooks/{id}/deliveries">>;

const COLUMNS: Column<Delivery>[] = [
  { title: "TIME", value: ({ time }) => time },
  { title: "EVENT", value: ({ event_id }) => event_id, whole: true },
  { title: "TYPE", value: ({ type }) => type },
  { title: "STATUS", value: ({ status }) => status },
  { title: "ANSWER", value: (row) => shown(row.response_status ?? row.failure) },
  { title: "MS", value: ({ duration_ms }) => shown(duration_ms), align: "right" },
];

const SECRET_ONCE = "The secret is shown only now: keep it.";

/** `webhooks create`, `update`, `delete` and `deliveries`. */
export function webhookChanges(group: Command, open: OpenSession): void {
  settings(group.command("create"))
    .description("make a webhook, and show its signing secret")
    .argument("<url>", "where to POST events; {type} becomes the event's type")
    .action(async (url, given) => {
      const { api, out, notes } = open();
      const { data } = await api().POST("/webhooks", { body: { url, ...asBody(given) } });
      await out.fields(data);
      notes.line(SECRET_ONCE);
    });

  settings(group.command("update"))
    .description("change a webhook; what is not given stays")
    .argument("<webhook>", "its id")
    .option("--url <url>", "another address")
    .option("--active <true|false>", "switch it on or off", yesOrNo)
    .action(async (id, { url, active, ...given }) => {
      const { api, out } = open();
      const body = {
        ...(url !== undefined && { url }),
        ...(active !== undefined && { active }),
        ...asBody(given),
      };
      if (Object.keys(body).length === 0) throw new Failure("Nothing to change: see --help.");
      const { data } = await api().PATCH("/webhooks/{id}", { params: { path: { id } }, body });
      await out.fields(data);
    });

  group
    .command("delete")
    .description("delete a webhook with its delivery log")
    .argument("<webhook>", "its id")
    .action(async (id) => {
      const { api, out } = open();
      const { data } = await api().DELETE("/webhooks/{id}", { params: { path: { id } } });
      await out.one(data, () => [`Deleted ${id}.`]);
    });

  group
    .command("deliveries")
    .description("list what was sent, newest first, and what the endpoint said")
    .argument("<webhook>", "its id")
    .addOption(
      new Option("--status <status>", "only these").choices(["accepted", "failed"] as const),
    )
    .option("--limit <number>", "no more than so many (20)", whole, 20)
    .action(async (id, { status, limit }) => {
      const { api, out } = open();
      const params = { path: { id }, query: status ? { status } : {} };
      const found = api().iterate("/webhooks/{id}/deliveries", { params });
      await out.list(take(found, limit), COLUMNS, "No deliveries.");
    });
}

/** The options of a webhook that `create` and `update` share. */
function settings(command: Command) {
  return command
    .option("--label <label>", "1 to 100 characters, or none", nullOr(String))
    .addOption(
      new Option("--retry <retry>", "an event that is refused").choices([
        "none",
        "standard",
      ] as const),
    )
    .addOption(
      new Option("--payload <payload>", "how events look").choices(["classic", "fleet"] as const),
    )
    .option(
      "--exclude <type>",
      `a type to leave out, or none; several times: ${EVENT_TYPES.join(", ")}`,
      several,
    );
}

interface Given {
  label?: { value: string | null } | undefined;
  retry?: "none" | "standard" | undefined;
  payload?: "classic" | "fleet" | undefined;
  exclude?: string[] | undefined;
}

function asBody({ label, retry, payload, exclude }: Given) {
  return {
    ...(label && { label: label.value }),
    ...(retry && { retry }),
    ...(payload && { payload }),
    ...(exclude && { exclude_types: typesIn(exclude) }),
  };
}

function typesIn(given: readonly string[]): (typeof EVENT_TYPES)[number][] {
  if (given.length === 1 && given[0] === "none") return [];
  return given.map((name) => {
    const type = EVENT_TYPES.find((one) => one === name);
    if (!type) throw new Failure(`"${name}" is no type of event: ${EVENT_TYPES.join(", ")}.`);
    return type;
  });
}
