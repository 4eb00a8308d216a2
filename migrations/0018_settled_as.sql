ALTER TABLE `settled_reports` ADD `stored_as` text;
--> statement-breakpoint
-- By hand: the bytes of an unmatched event include those of the event that is stored under its identity.
DROP TRIGGER unmatched_kept;
--> statement-breakpoint
DROP TRIGGER unmatched_gone;
--> statement-breakpoint
DROP TRIGGER unmatched_changed;
--> statement-breakpoint
UPDATE unmatched_use SET bytes = bytes + (SELECT coalesce(sum(octet_length(stored)), 0) FROM unmatched_events)
WHERE sim_id = '';
--> statement-breakpoint
CREATE TRIGGER unmatched_kept AFTER INSERT ON unmatched_events
BEGIN
  INSERT INTO unmatched_use (sim_id, events, bytes)
  SELECT '', 1, octet_length(new.event) + coalesce(octet_length(new.stored), 0) + 200
  UNION ALL
  SELECT new.event ->> 'sim_id', 1, octet_length(new.event) + coalesce(octet_length(new.stored), 0) + 200
  WHERE new.reason = 'sim_not_found'
  ON CONFLICT (sim_id) DO UPDATE SET events = events + 1, bytes = bytes + excluded.bytes;
END;
--> statement-breakpoint
CREATE TRIGGER unmatched_gone AFTER DELETE ON unmatched_events
BEGIN
  UPDATE unmatched_use SET events = events - 1,
    bytes = bytes - octet_length(old.event) - coalesce(octet_length(old.stored), 0) - 200
  WHERE sim_id IN ('', CASE WHEN old.reason = 'sim_not_found' THEN old.event ->> 'sim_id' END);
  DELETE FROM unmatched_use
  WHERE events <= 0 AND sim_id = CASE WHEN old.reason = 'sim_not_found' THEN old.event ->> 'sim_id' END;
END;
--> statement-breakpoint
CREATE TRIGGER unmatched_changed AFTER UPDATE OF reason, event, stored ON unmatched_events
BEGIN
  UPDATE unmatched_use SET bytes = bytes
    + octet_length(new.event) + coalesce(octet_length(new.stored), 0)
    - octet_length(old.event) - coalesce(octet_length(old.stored), 0)
  WHERE sim_id = '';
  UPDATE unmatched_use SET events = events - 1,
    bytes = bytes - octet_length(old.event) - coalesce(octet_length(old.stored), 0) - 200
  WHERE sim_id = CASE WHEN old.reason = 'sim_not_found' THEN old.event ->> 'sim_id' END;
  INSERT INTO unmatched_use (sim_id, events, bytes)
  SELECT new.event ->> 'sim_id', 1, octet_length(new.event) + coalesce(octet_length(new.stored), 0) + 200
  WHERE new.reason = 'sim_not_found'
  ON CONFLICT (sim_id) DO UPDATE SET events = events + 1, bytes = bytes + excluded.bytes;
END;
