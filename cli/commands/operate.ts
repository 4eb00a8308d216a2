import { type Command, Option } from "@commander-js/extra-typings";
import { ACTIONS } from "../../client/constants";
import type { Page, Row } from "../../client";
import { EXIT } from "../exit-codes";
import { Failure } from "../failures";
import { shown } from "../output/output";
import type { Column } from "../output/table";
import { take } from "../output/take";
import { whole } from "../parse";
import type { OpenSession } from "../session";

type Entry = Row<Page<"/audit-log">>;
type Unmatched = Row<Page<"/operator/events/unmatched">>;

/** The first words of the actions: all of a thing. */
const THINGS = [
  "account",
  "card",
  "connector",
  "key",
  "network_whitelist",
  "sim",
  "tag",
  "webhook",
] as const;

const ENTRIES: Column<Entry>[] = [
  { title: "TIME", value: ({ time }) => time },
  { title: "ACTOR", value: ({ actor }) => shown(actor.key_id ?? actor.type) },
  { title: "ACTION", value: ({ action }) => action },
  { title: "SUBJECT", value: ({ subject }) => subject },
];

const UNMATCHED: Column<Unmatched>[] = [
  { title: "ID", value: ({ id }) => id, whole: true },
  { title: "RECEIVED", value: ({ received_at }) => received_at },
  { title: "REASON", value: ({ reason }) => reason },
  { title: "EVENT", value: ({ event }) => shown(event) },
];

/** `audit`, and the operator's `health`. */
export function operate(program: Command, open: OpenSession): void {
  program
    .command("audit")
    .description("list who changed what, newest first")
    .option("--sim <id>", "only of this SIM")
    .addOption(new Option("--action <action>", "only these").choices([...THINGS, ...ACTIONS]))
    .option("--limit <number>", "no more than so many (20)", whole, 20)
    .action(async ({ sim, action, limit }) => {
      const { api, out } = open();
      const query = { ...(sim && { sim_id: sim }), ...(action && { action }) };
      const found = api().iterate("/audit-log", { params: { query } });
      await out.list(take(found, limit), ENTRIES, "No entries.");
    });

  program
    .command("health")
    .description("the operator's: how the deployment's parts do")
    .action(async () => {
      const { operator, out } = open();
      const { data } = await operator().GET("/operator/health");
      await out.fields(data);
      if (!data.ok) throw new Failure("A part fails.", EXIT.refused);
    });
}

/** `events unmatched` and `events retry`, the operator's. */
export function unmatchedEvents(group: Command, open: OpenSession): void {
  group
    .command("unmatched")
    .description("the operator's: list the events that could not be stored, oldest first")
    .option("--limit <number>", "no more than so many (20)", whole, 20)
    .action(async ({ limit }) => {
      const { operator, out } = open();
      const found = operator().iterate("/operator/events/unmatched");
      await out.list(take(found, limit), UNMATCHED, "No unmatched events.");
    });

  group
    .command("retry")
    .description("the operator's: try the oldest 100 unmatched events again")
    .option("--sim <id>", "only of this SIM")
    .option("--reason <reason>", "only these: sim_not_found, dead_lettered")
    .action(async ({ sim, reason }) => {
      const { operator, out } = open();
      const body = { ...(sim && { sim_id: sim }), ...(reason && { reason }) };
      const { data } = await operator().POST("/operator/events/unmatched/retry", { body });
      await out.one(data, () => [`${data.retried} tried again`]);
    });
}
