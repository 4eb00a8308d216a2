import { type Command, Option } from "@commander-js/extra-typings";
import type { components } from "../../client";
import { EVENT_TYPES } from "../../client/constants";
import { EXIT } from "../exit-codes";
import { Failure } from "../failures";
import { SIM, SINCE, TYPE } from "../feed-options";
import { listenTo } from "../listen";
import { shown } from "../output/output";
import type { Column } from "../output/table";
import type { OpenSession } from "../session";
import { ago } from "../when";
import { webhookChanges } from "./webhook-changes";

type Webhook = components["schemas"]["Webhook"];

const COLUMNS: Column<Webhook>[] = [
  { title: "ID", value: ({ id }) => id, whole: true },
  { title: "URL", value: ({ url }) => url },
  { title: "STATE", value: stateOf },
  { title: "RETRY", value: ({ retry }) => retry },
  { title: "PAYLOAD", value: ({ payload }) => payload },
  { title: "LABEL", value: ({ label }) => shown(label) },
];

/** Where an account's events are sent. */
export function webhooks(program: Command, open: OpenSession): void {
  const group = program.command("webhooks").description("where events are sent");

  group
    .command("list")
    .description("list the webhooks")
    .action(async () => {
      const { api, out } = open();
      await out.list((await api().GET("/webhooks")).data, COLUMNS, "No webhooks.");
    });

  group
    .command("test")
    .description("send a sample event now, and show what the endpoint said")
    .argument("<webhook>", "its id")
    .addOption(new Option("--type <type>", "which event (usage)").choices(EVENT_TYPES))
    .action(async (id, { type }) => {
      const { api, out } = open();
      const init = { params: { path: { id } }, body: type ? { type } : {} };
      const { data } = await api().POST("/webhooks/{id}/test", init);
      await out.fields(data);
      if (!data.accepted) throw new Failure("The endpoint did not accept the event.", EXIT.refused);
    });

  group
    .command("replay")
    .description("send events of a time again")
    .argument("<webhook>", "its id")
    .requiredOption("--since <when>", "how long ago (6h), or a time", (text) => ago(text))
    .option("--until <when>", "until then (now)", (text) => ago(text))
    .addOption(
      new Option("--status <status>", "those of the delivery log").choices([
        "accepted",
        "failed",
      ] as const),
    )
    .addOption(TYPE)
    .addOption(SIM)
    .option("--dry-run", "only count them")
    .action(async (id, { since, until, status, type, sim, dryRun }) => {
      const { api, out } = open();
      const body = {
        since,
        ...(until && { until }),
        ...(status && { status }),
        ...(type && { type }),
        ...(sim && { sim_id: sim }),
        ...(dryRun && { dry_run: true }),
      };
      const init = { params: { path: { id } }, body };
      const { data } = await api().POST("/webhooks/{id}/replay", init);
      const verb = dryRun ? "would be sent" : "are sent";
      await out.one(data, () => [`Events that ${verb} again: ${data.events}`]);
    });

  webhookChanges(group, open);

  group
    .command("listen")
    .description("receive events here without a public address, and POST each to a local one")
    .option("--forward <url>", "where to POST them; {type} becomes the event's type")
    .addOption(SINCE)
    .addOption(TYPE)
    .addOption(SIM)
    .action((options) => listenTo(open(), options));
}

function stateOf({ active, disabled_reason }: Webhook): string {
  if (active) return "on";
  return disabled_reason === null ? "off" : `off: ${disabled_reason}`;
}
