CREATE TABLE `replays` (
	`account_id` text NOT NULL,
	`webhook_id` text NOT NULL,
	`id` text NOT NULL,
	`rest` text NOT NULL,
	`events` integer NOT NULL,
	`sent` integer NOT NULL,
	`started_at` integer NOT NULL,
	`next_at` integer NOT NULL,
	PRIMARY KEY(`account_id`, `webhook_id`)
) WITHOUT ROWID;
