import type { Simplane } from "../../client";
import type { TagIds } from "./columns";

/** The account's tags, by name and by id. */
export async function tagIds(api: Simplane): Promise<TagIds> {
  const ids = new Map<string, string>();
  const { data } = await api.GET("/tags/search/tags");
  for (const { id } of data.result) ids.set(id, id);
  for (const { id, name } of data.result) ids.set(name, id);
  return ids;
}
