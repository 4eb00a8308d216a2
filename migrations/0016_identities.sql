CREATE TABLE `removed_rows` (
	`name` text PRIMARY KEY NOT NULL,
	`until` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `settled_reports` (
	`sim_id` text NOT NULL,
	`identity` text NOT NULL,
	`content` text NOT NULL,
	`time` integer NOT NULL,
	PRIMARY KEY(`sim_id`, `identity`, `content`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `settled_reports_by_time` ON `settled_reports` (`time`);--> statement-breakpoint
CREATE TABLE `usage_corrections` (
	`account_id` text NOT NULL,
	`id` text NOT NULL,
	`sim_id` text NOT NULL,
	`time` integer NOT NULL,
	`record` text NOT NULL,
	`content` text NOT NULL,
	`event` text NOT NULL,
	`run` integer NOT NULL,
	PRIMARY KEY(`account_id`, `id`, `sim_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `usage_corrections_by_time` ON `usage_corrections` (`time`);--> statement-breakpoint
DROP INDEX `network_log_by_id`;--> statement-breakpoint
CREATE UNIQUE INDEX `network_log_by_sim_and_id` ON `network_log` (`account_id`,`id`,`type`,`sim_id`) WHERE id <> '';--> statement-breakpoint
DROP INDEX `usage_records_by_id`;--> statement-breakpoint
CREATE UNIQUE INDEX `usage_records_by_sim_and_id` ON `usage_records` (`account_id`,`id`,`sim_id`) WHERE id >= '!';--> statement-breakpoint
ALTER TABLE `unmatched_events` ADD `stored` text;--> statement-breakpoint
-- By hand: a session is part of the identity of a record without an id.
UPDATE usage_records SET id = ' ' || (details ->> '$.session_id') WHERE id = '' AND details ->> '$.session_id' IS NOT NULL;
