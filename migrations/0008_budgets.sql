CREATE TABLE `account_use` (
	`account_id` text PRIMARY KEY NOT NULL,
	`sims` integer DEFAULT 0 NOT NULL,
	`audit_hour` integer DEFAULT 0 NOT NULL,
	`audit_bytes` integer DEFAULT 0 NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `audit_context` ADD `account_id` text;--> statement-breakpoint
ALTER TABLE `audit_context` ADD `seq` integer;--> statement-breakpoint
ALTER TABLE `audit_context` ADD `most_bytes` integer;--> statement-breakpoint
-- By hand: how many SIMs each account has.
INSERT INTO account_use (account_id, sims) SELECT account_id, count(*) FROM sims GROUP BY account_id;
--> statement-breakpoint
CREATE TRIGGER sims_made_counted AFTER INSERT ON sims
BEGIN
  INSERT INTO account_use (account_id, sims) VALUES (new.account_id, 1)
  ON CONFLICT (account_id) DO UPDATE SET sims = sims + 1;
END;
--> statement-breakpoint
CREATE TRIGGER sims_gone_counted AFTER DELETE ON sims
BEGIN
  UPDATE account_use SET sims = sims - 1 WHERE account_id = old.account_id;
END;
--> statement-breakpoint
CREATE TRIGGER sims_moved_counted AFTER UPDATE OF account_id ON sims WHEN old.account_id <> new.account_id
BEGIN
  UPDATE account_use SET sims = sims - 1 WHERE account_id = old.account_id;
  INSERT INTO account_use (account_id, sims) VALUES (new.account_id, 1)
  ON CONFLICT (account_id) DO UPDATE SET sims = sims + 1;
END;
--> statement-breakpoint
-- At the end of a transaction: the bytes that it wrote to the log of the account whose key acts. A budget that is spent
-- undoes the whole transaction. 250 bytes stand for what an entry holds besides its fields.
CREATE TRIGGER audit_bytes_counted BEFORE DELETE ON audit_context
WHEN EXISTS (SELECT 1 FROM audit_log WHERE account_id = old.account_id AND seq > old.seq)
BEGIN
  INSERT INTO account_use (account_id, audit_hour, audit_bytes)
  SELECT old.account_id, old.at / 3600000,
    sum(coalesce(octet_length(before), 0) + coalesce(octet_length(after), 0) + 250)
  FROM audit_log WHERE account_id = old.account_id AND seq > old.seq
  ON CONFLICT (account_id) DO UPDATE SET
    audit_bytes = iif(excluded.audit_hour > audit_hour, 0, audit_bytes) + excluded.audit_bytes,
    audit_hour = max(audit_hour, excluded.audit_hour);
  SELECT RAISE(ABORT, 'the budget of the audit log is spent')
  FROM account_use WHERE account_id = old.account_id AND audit_bytes > old.most_bytes;
END;
