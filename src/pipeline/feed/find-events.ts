import { and, eq, inArray, sql } from "drizzle-orm";
import type { AnySQLiteColumn } from "drizzle-orm/sqlite-core";
import type { Access } from "../../access/access";
import { type Db, listed } from "../../db/client";
import { networkLog, usageCorrections, usageRecords } from "../../db/tables";
import { GIVEN_ID, HAS_ID } from "../../db/record-key";
import { isSimVisible } from "../../access/visibility";
import { MINUTE_MS } from "../../platform/time";
import { type Event, eventId, idByContent, readEventId } from "../../events/schemas";
import type { Details } from "../../events/details";
import { readEntry, readStored } from "../../events/from-row";

/** A column of details, read. */
function details(column: AnySQLiteColumn) {
  return sql`${column}`.mapWith((text: string): Details => JSON.parse(text));
}

const USAGE = {
  type: sql<"usage">`'usage'`.as("type"),
  id: sql<string | null>`${GIVEN_ID}`.as("given_id"),
  time: usageRecords.time,
  bill_id: usageRecords.billId,
  sim_id: usageRecords.simId,
  country_code: usageRecords.countryCode,
  operation: usageRecords.operation,
  upload: usageRecords.upload,
  download: usageRecords.download,
  details: details(usageRecords.details),
};

/** An entry of the network log, as {@link readStored} takes it. */
export const NETWORK = {
  type: networkLog.type,
  id: networkLog.id,
  time: networkLog.time,
  sim_id: networkLog.simId,
  imei: networkLog.imei,
  country_code: networkLog.countryCode,
  country_code_previous: networkLog.countryCodePrevious,
  details: details(networkLog.details),
};

/** An event under its public id; others of another type or SIM may have been given the same one. */
export interface FoundEvent {
  id: string;
  event: Event;
}

/** What names an event: its public id, and where that is known its SIM. */
export interface EventName {
  id: string;
  sim_id?: string;
}

/** Events that are read for ids without a SIM at most: many SIMs may have been given the same one. */
const MOST_FOUND = 1000;

/**
 * The events with these names whose SIMs are visible, each once, as far as they are still kept. An id that we made says
 * where to look; one that was given has an index, by SIM too. Either all names have a SIM or none.
 */
export async function findEvents(
  db: Db,
  access: Access,
  names: readonly EventName[],
  most = MOST_FOUND,
): Promise<FoundEvent[]> {
  const places = JSON.stringify(
    names.flatMap(({ id }) => {
      const place = readEventId(id);
      return place ? [{ ...place, minute: Math.floor(place.time / MINUTE_MS) }] : [];
    }),
  );
  const isNamed = (id: AnySQLiteColumn, simId: AnySQLiteColumn) =>
    names.some(({ sim_id }) => sim_id !== undefined)
      ? sql`(${id}, ${simId}) IN (SELECT value ->> 'id', value ->> 'sim_id' FROM json_each(${JSON.stringify(names)}))`
      : inArray(id, listed(names.map((name) => name.id)));
  const at = (...columns: string[]) => {
    const values = columns.map((name) => sql`value ->> ${name}`);
    return sql`(SELECT ${sql.join(values, sql`, `)} FROM json_each(${places}))`;
  };
  const { accountId } = access;
  const { minute, simId, time } = usageRecords;
  const ofUsage = isSimVisible(
    access,
    sql`${usageRecords.simId}`,
    undefined,
    sql`${usageRecords.time}`,
  );
  const ofNetwork = isSimVisible(
    access,
    sql`${networkLog.simId}`,
    undefined,
    sql`${networkLog.time}`,
  );
  const ofCorrections = isSimVisible(
    access,
    sql`${usageCorrections.simId}`,
    undefined,
    sql`${usageCorrections.event} ->> 'time'`,
  );
  const found = await db.batch([
    db
      .select(USAGE)
      .from(usageRecords)
      .where(
        and(
          eq(usageRecords.accountId, accountId),
          ofUsage,
          sql`(${minute}, ${simId}, ${time}) IN ${at("minute", "sim_id", "time")}`,
        ),
      ),
    db
      .select(USAGE)
      .from(usageRecords)
      .where(
        and(
          eq(usageRecords.accountId, accountId),
          HAS_ID,
          ofUsage,
          isNamed(usageRecords.id, usageRecords.simId),
        ),
      )
      .limit(most),
    db
      .select(NETWORK)
      .from(networkLog)
      .where(
        and(
          eq(networkLog.accountId, accountId),
          ofNetwork,
          sql`(${networkLog.simId}, ${networkLog.time}) IN ${at("sim_id", "time")}`,
        ),
      ),
    db
      .select(NETWORK)
      .from(networkLog)
      .where(
        and(
          eq(networkLog.accountId, accountId),
          sql`${networkLog.id} <> ''`,
          ofNetwork,
          isNamed(networkLog.id, networkLog.simId),
        ),
      )
      .limit(most),
    db
      .select({ event: usageCorrections.event })
      .from(usageCorrections)
      .where(
        and(
          eq(usageCorrections.accountId, accountId),
          ofCorrections,
          isNamed(usageCorrections.id, usageCorrections.simId),
        ),
      )
      .limit(most),
  ]);
  const [placed, byId, networkPlaced, networkById, corrections] = found;
  const network = await Promise.all(
    [...networkPlaced, ...networkById].map(readStored).map(withReplacement),
  );
  const wanted = new Set(names.map(nameOf));
  const events = new Map<string, FoundEvent>();
  for (const event of [
    ...[...placed, ...byId].map(readStored),
    ...network.flat(),
    ...corrections.map((row) => readEntry(row.event)),
  ]) {
    const id = await eventId(event);
    const { sim_id, type } = event;
    if (wanted.has(nameOf({ id })) || wanted.has(nameOf({ id, sim_id })))
      events.set(`${type} ${nameOf({ id, sim_id })}`, { id, event });
  }
  return [...events.values()];
}

/** An entry of the network log, and the same under the id that its replacement has if it is one: the row does not tell. */
async function withReplacement(event: Event): Promise<Event[]> {
  return [event, { ...event, id: await idByContent(event) }];
}

function nameOf({ id, sim_id = "" }: EventName): string {
  return `${sim_id} ${id}`;
}
