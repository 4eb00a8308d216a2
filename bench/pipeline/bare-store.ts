interface Reported {
  time: string;
  [field: string]: unknown;
}

/**
 * The least that leaves the same rows: the messages' events, unchecked, go to each table by one INSERT of one JSON
 * parameter, all in one batch. It looks up each SIM's account, since the rows have it; it keeps no event that comes
 * twice from counting twice, sets nothing aside and asks for no webhooks.
 */
export default {
  async fetch(request: Request, { DB }: { DB: D1Database }): Promise<Response> {
    const { messages }: { messages: { events: Reported[] }[] } = JSON.parse(await request.text());
    const events = messages.flatMap((message) => message.events);
    const rows = JSON.stringify(
      events.map((event) => {
        const time = Date.parse(event.time);
        return { ...event, time, minute: Math.floor(time / 60_000) };
      }),
    );
    await DB.batch(INSERTS.map((sql) => DB.prepare(sql).bind(rows)));
    return Response.json({ stored: events.length });
  },
};

const EVENTS = `json_each(?1) CROSS JOIN sims ON sims.id = value ->> 'sim_id' WHERE true`;
const SUMS = `sum(value ->> 'upload'), sum(value ->> 'download'), count(*)`;
const ADD = `upload = upload + excluded.upload, download = download + excluded.download, records = records + excluded.records`;

const INSERTS = [
  `INSERT INTO usage_records
   SELECT account_id, value ->> 'minute', sims.id, value ->> 'time', value ->> 'bill_id', value ->> 'operation',
     coalesce(value ->> 'id', ''), value ->> 'country_code', value ->> 'upload', value ->> 'download', 0
   FROM ${EVENTS}`,
  `INSERT INTO usage_days
   SELECT account_id, sims.id, (value ->> 'minute') / 1440, value ->> 'country_code', ${SUMS},
     json_group_array(DISTINCT (value ->> 'minute') % 1440)
   FROM ${EVENTS} GROUP BY 1, 2, 3, 4
   ON CONFLICT DO UPDATE SET ${ADD}, minutes = (SELECT json_group_array(value) FROM (
     SELECT value FROM json_each(minutes) UNION SELECT value FROM json_each(excluded.minutes)))`,
  `INSERT INTO account_days
   SELECT account_id, (value ->> 'minute') / 1440, value ->> 'country_code', ${SUMS}
   FROM ${EVENTS} GROUP BY 1, 2, 3
   ON CONFLICT DO UPDATE SET ${ADD}`,
  `INSERT INTO event_feed
   SELECT account_id, 1 + coalesce((SELECT max(seq) FROM event_feed WHERE account_id = sims.account_id), 0),
     json_group_array(json_object('type', 'usage', 'id', value ->> 'id', 'time', value ->> 'time',
       'bill_id', value ->> 'bill_id', 'sim_id', sims.id, 'country_code', value ->> 'country_code',
       'operation', value ->> 'operation', 'upload', value ->> 'upload', 'download', value ->> 'download'))
   FROM ${EVENTS} GROUP BY account_id`,
];
