import type { Command } from "@commander-js/extra-typings";
import type { components } from "../../client";
import { shown } from "../output/output";
import type { Column } from "../output/table";
import type { OpenSession } from "../session";

type Tag = components["schemas"]["Tag"];

const COLUMNS: Column<Tag>[] = [
  { title: "ID", value: ({ id }) => id, whole: true },
  { title: "NAME", value: ({ name }) => name },
  { title: "COLOUR", value: ({ color }) => shown(color) },
];

/** An account's tags. */
export function tags(program: Command, open: OpenSession): void {
  const group = program.command("tags").description("the account's tags");

  group
    .command("list")
    .description("list the tags")
    .action(async () => {
      const { api, out } = open();
      await out.list(api().iterate("/tags/search/tags"), COLUMNS, "No tags.");
    });

  group
    .command("create")
    .description("make a tag")
    .argument("<name>", "1 to 100 characters")
    .option("--color <color>", "#rrggbb")
    .action(async (name, { color }) => {
      const { api, out } = open();
      const body = { name, ...(color !== undefined && { color }) };
      await out.fields((await api().POST("/tags", { body })).data);
    });

  group
    .command("delete")
    .description("delete a tag that nothing carries")
    .argument("<tag>", "its id")
    .action(async (id) => {
      const { api, out } = open();
      const { data } = await api().DELETE("/tags/{id}", { params: { path: { id } } });
      await out.one(data, () => [`Deleted ${id}.`]);
    });
}
