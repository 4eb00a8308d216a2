interface Reported {
  time: string;
  [field: string]: unknown;
}

/**
 * The least that leaves the same rows: the messages' events, unchecked, go to each table by one INSERT of one JSON
 * parameter, all in one batch. It looks up each SIM's account, since the rows have it; it keeps no event that comes
 * twice from counting twice, sets nothing aside, keeps no live state of SIMs and asks for no webhooks.
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
  `INSERT INTO usage_records (account_id, minute, sim_id, time, bill_id, operation, id, country_code, upload, download, run)
   SELECT account_id, value ->> 'minute', sims.id, value ->> 'time', value ->> 'bill_id', value ->> 'operation',
     coalesce(value ->> 'id', ''), value ->> 'country_code', value ->> 'upload', value ->> 'download', 0
   FROM ${EVENTS}`,
  `INSERT INTO usage_days (account_id, sim_id, day, country_code, upload, download, records, minutes, month_bytes, last_time)
   SELECT account_id, sims.id, (value ->> 'minute') / 1440, value ->> 'country_code', ${SUMS},
     json_group_array(DISTINCT (value ->> 'minute') % 1440),
     sum((value ->> 'upload') + (value ->> 'download')) + coalesce((
       SELECT month_bytes FROM usage_days AS before
       WHERE before.account_id = sims.account_id AND before.sim_id = sims.id
         AND before.day >= unixepoch(value ->> 'minute' * 60, 'unixepoch', 'start of month') / 86400
         AND (before.day, before.country_code) < ((value ->> 'minute') / 1440, value ->> 'country_code')
       ORDER BY before.day DESC, before.country_code DESC LIMIT 1), 0),
     max(value ->> 'time')
   FROM ${EVENTS} GROUP BY 1, 2, 3, 4
   ON CONFLICT DO UPDATE SET ${ADD}, minutes = CASE
     WHEN json_array_length(excluded.minutes) = 1 AND excluded.minutes ->> 0 > minutes ->> '$[#-1]'
     THEN json_insert(minutes, '$[#]', excluded.minutes ->> 0)
     ELSE (SELECT json_group_array(value) FROM (
       SELECT value FROM json_each(minutes) UNION SELECT value FROM json_each(excluded.minutes) ORDER BY 1)) END,
     month_bytes = excluded.month_bytes + upload + download, last_time = max(last_time, excluded.last_time)`,
  `INSERT INTO account_days (account_id, day, country_code, upload, download, records)
   SELECT account_id, (value ->> 'minute') / 1440, value ->> 'country_code', ${SUMS}
   FROM ${EVENTS} GROUP BY 1, 2, 3
   ON CONFLICT DO UPDATE SET ${ADD}`,
  `INSERT INTO account_hours (account_id, hour, country_code, network, upload, download, records)
   SELECT account_id, (value ->> 'minute') / 60, value ->> 'country_code', '', ${SUMS}
   FROM ${EVENTS} GROUP BY 1, 2, 3
   ON CONFLICT DO UPDATE SET ${ADD}`,
  `INSERT INTO event_feed (account_id, seq, events)
   SELECT account_id, 1 + coalesce((SELECT max(seq) FROM event_feed WHERE account_id = sims.account_id), 0),
     json_group_array(json_object('type', 'usage', 'id', value ->> 'id', 'time', value ->> 'time',
       'bill_id', value ->> 'bill_id', 'sim_id', sims.id, 'country_code', value ->> 'country_code',
       'operation', value ->> 'operation', 'upload', value ->> 'upload', 'download', value ->> 'download', 'details', null))
   FROM ${EVENTS} GROUP BY account_id`,
];
