CREATE TABLE `unmatched_use` (
	`sim_id` text PRIMARY KEY NOT NULL,
	`events` integer NOT NULL,
	`bytes` integer NOT NULL,
	`dropped` integer DEFAULT 0 NOT NULL,
	`expired` integer DEFAULT 0 NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `delivery_log_days` (
	`account_id` text NOT NULL,
	`day` integer NOT NULL,
	`bytes` integer NOT NULL,
	`unlisted` integer NOT NULL,
	PRIMARY KEY(`account_id`, `day`)
) WITHOUT ROWID;
--> statement-breakpoint
-- By hand: what is there already.
INSERT INTO unmatched_use (sim_id, events, bytes)
SELECT '', count(*), coalesce(sum(octet_length(event) + 200), 0) FROM unmatched_events
UNION ALL
SELECT event ->> 'sim_id', count(*), sum(octet_length(event) + 200) FROM unmatched_events WHERE reason = 'sim_not_found' GROUP BY 1;
--> statement-breakpoint
-- The bounds: 1 GB in all, of which events of SIMs that no account has take 800 MB; 2,000 events of such a SIM, and 100 once
-- there are 400 MB, so that those of a few thousand SIMs leave room for others.
CREATE TRIGGER unmatched_bounded BEFORE INSERT ON unmatched_events
WHEN NOT EXISTS (SELECT 1 FROM unmatched_events WHERE identity = new.identity)
  AND EXISTS (
    SELECT 1 FROM unmatched_use AS whole WHERE whole.sim_id = '' AND (
      whole.bytes >= iif(new.reason = 'sim_not_found', 800000000, 1000000000)
      OR (new.reason = 'sim_not_found' AND EXISTS (
        SELECT 1 FROM unmatched_use AS own
        WHERE own.sim_id = new.event ->> 'sim_id' AND own.events >= iif(whole.bytes >= 400000000, 100, 2000)))))
BEGIN
  UPDATE unmatched_use SET dropped = dropped + 1
  WHERE sim_id IN ('', CASE WHEN new.reason = 'sim_not_found' THEN new.event ->> 'sim_id' END);
  SELECT RAISE(IGNORE);
END;
--> statement-breakpoint
CREATE TRIGGER unmatched_kept AFTER INSERT ON unmatched_events
BEGIN
  INSERT INTO unmatched_use (sim_id, events, bytes)
  SELECT '', 1, octet_length(new.event) + 200
  UNION ALL
  SELECT new.event ->> 'sim_id', 1, octet_length(new.event) + 200 WHERE new.reason = 'sim_not_found'
  ON CONFLICT (sim_id) DO UPDATE SET events = events + 1, bytes = bytes + excluded.bytes;
END;
--> statement-breakpoint
CREATE TRIGGER unmatched_gone AFTER DELETE ON unmatched_events
BEGIN
  UPDATE unmatched_use SET events = events - 1, bytes = bytes - octet_length(old.event) - 200
  WHERE sim_id IN ('', CASE WHEN old.reason = 'sim_not_found' THEN old.event ->> 'sim_id' END);
  DELETE FROM unmatched_use
  WHERE events <= 0 AND sim_id = CASE WHEN old.reason = 'sim_not_found' THEN old.event ->> 'sim_id' END;
END;
--> statement-breakpoint
CREATE TRIGGER unmatched_changed AFTER UPDATE OF reason, event ON unmatched_events
BEGIN
  UPDATE unmatched_use SET bytes = bytes + octet_length(new.event) - octet_length(old.event) WHERE sim_id = '';
  UPDATE unmatched_use SET events = events - 1, bytes = bytes - octet_length(old.event) - 200
  WHERE sim_id = CASE WHEN old.reason = 'sim_not_found' THEN old.event ->> 'sim_id' END;
  INSERT INTO unmatched_use (sim_id, events, bytes)
  SELECT new.event ->> 'sim_id', 1, octet_length(new.event) + 200 WHERE new.reason = 'sim_not_found'
  ON CONFLICT (sim_id) DO UPDATE SET events = events + 1, bytes = bytes + excluded.bytes;
END;
