ALTER TABLE `sims` ADD `visible_from` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `sims_made_again` ON `sims` (`account_id`,`visible_from`,`id`) WHERE visible_from > 0;--> statement-breakpoint
CREATE INDEX `audit_log_of_deleted_sims` ON `audit_log` (`account_id`,`sim_id`) WHERE action = 'sim.deleted';
--> statement-breakpoint
-- By hand: a SIM that its account had before and deleted. What is reported late may be of before, too.
CREATE TRIGGER sims_made_again AFTER INSERT ON sims WHEN
  EXISTS (SELECT 1 FROM audit_log WHERE account_id = new.account_id AND sim_id = new.id AND action = 'sim.deleted')
  OR EXISTS (SELECT 1 FROM usage_days WHERE account_id = new.account_id AND sim_id = new.id)
  OR EXISTS (SELECT 1 FROM network_log WHERE account_id = new.account_id AND sim_id = new.id)
BEGIN
  UPDATE sims SET visible_from = created_at WHERE id = new.id;
END;
