CREATE TABLE `former_holders` (
	`sim_id` text NOT NULL,
	`account_id` text NOT NULL,
	PRIMARY KEY(`sim_id`, `account_id`)
) WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `settled_reports` ADD `account_id` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `sims` ADD `former_until` integer DEFAULT 0 NOT NULL;
--> statement-breakpoint
-- By hand: the accounts that had SIMs and have records or entries of them. Settled reports are those of the account that
-- has the SIM, or had it.
INSERT INTO former_holders (account_id, sim_id)
SELECT account_id, sim_id FROM usage_days
WHERE NOT EXISTS (SELECT 1 FROM sims WHERE sims.id = usage_days.sim_id AND sims.account_id = usage_days.account_id)
UNION
SELECT account_id, sim_id FROM network_log
WHERE NOT EXISTS (SELECT 1 FROM sims WHERE sims.id = network_log.sim_id AND sims.account_id = network_log.account_id);
--> statement-breakpoint
UPDATE settled_reports SET account_id = coalesce(
  (SELECT account_id FROM sims WHERE sims.id = settled_reports.sim_id),
  (SELECT account_id FROM former_holders AS former WHERE former.sim_id = settled_reports.sim_id), '');
--> statement-breakpoint
UPDATE sims SET former_until = created_at + 86400000 WHERE id IN (SELECT sim_id FROM former_holders);
--> statement-breakpoint
CREATE TRIGGER sims_given_up AFTER DELETE ON sims WHEN
  EXISTS (SELECT 1 FROM usage_days WHERE account_id = old.account_id AND sim_id = old.id)
  OR EXISTS (SELECT 1 FROM network_log WHERE account_id = old.account_id AND sim_id = old.id)
BEGIN
  INSERT INTO former_holders (sim_id, account_id) VALUES (old.id, old.account_id) ON CONFLICT DO NOTHING;
END;
--> statement-breakpoint
CREATE TRIGGER sims_held_before AFTER INSERT ON sims WHEN
  EXISTS (SELECT 1 FROM former_holders WHERE sim_id = new.id AND account_id <> new.account_id)
BEGIN
  UPDATE sims SET former_until = created_at + 86400000 WHERE id = new.id;
END;
