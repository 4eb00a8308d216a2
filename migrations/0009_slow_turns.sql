CREATE TABLE `slow_turns` (
	`account_id` text PRIMARY KEY NOT NULL,
	`rest_until` integer NOT NULL
) WITHOUT ROWID;
