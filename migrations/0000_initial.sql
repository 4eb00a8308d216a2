CREATE TABLE `account_days` (
	`account_id` text NOT NULL,
	`day` integer NOT NULL,
	`country_code` text NOT NULL,
	`upload` integer NOT NULL,
	`download` integer NOT NULL,
	`records` integer NOT NULL,
	PRIMARY KEY(`account_id`, `day`, `country_code`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `accounts` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `api_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`name` text NOT NULL,
	`hash` text NOT NULL,
	`created_at` integer NOT NULL,
	`revoked_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `api_keys_by_hash` ON `api_keys` (`hash`);--> statement-breakpoint
CREATE INDEX `api_keys_by_account` ON `api_keys` (`account_id`);--> statement-breakpoint
CREATE TABLE `connectors` (
	`account_id` text NOT NULL,
	`id` text NOT NULL,
	`type` text NOT NULL,
	`options` text NOT NULL,
	`passthrough` text NOT NULL,
	`secrets` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`account_id`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `delivery_log` (
	`webhook_id` text NOT NULL,
	`seq` integer NOT NULL,
	`deliveries` text NOT NULL,
	PRIMARY KEY(`webhook_id`, `seq`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `event_feed` (
	`account_id` text NOT NULL,
	`seq` integer NOT NULL,
	`events` text NOT NULL,
	PRIMARY KEY(`account_id`, `seq`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `network_log` (
	`account_id` text NOT NULL,
	`sim_id` text NOT NULL,
	`time` integer NOT NULL,
	`type` text NOT NULL,
	`imei` text NOT NULL,
	`country_code` text NOT NULL,
	`id` text NOT NULL,
	`country_code_previous` text,
	`run` integer NOT NULL,
	PRIMARY KEY(`account_id`, `sim_id`, `time`, `type`, `imei`, `country_code`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `network_log_by_time` ON `network_log` (`time`);--> statement-breakpoint
CREATE UNIQUE INDEX `network_log_by_id` ON `network_log` (`id`,`type`) WHERE id <> '';--> statement-breakpoint
CREATE TABLE `sim_cards` (
	`id` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`iccid` text,
	`imsi` text,
	`msisdn` text,
	`issued_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `sim_cards_by_iccid` ON `sim_cards` (`iccid`);--> statement-breakpoint
CREATE UNIQUE INDEX `sim_cards_by_imsi` ON `sim_cards` (`imsi`);--> statement-breakpoint
CREATE TABLE `sims` (
	`id` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`alias` text,
	`active` integer NOT NULL,
	`connector_id` text,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `sims_by_alias` ON `sims` (`account_id`,`alias`);--> statement-breakpoint
CREATE INDEX `sims_by_connector` ON `sims` (`account_id`,`connector_id`) WHERE connector_id IS NOT NULL;--> statement-breakpoint
CREATE TABLE `unmatched_events` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`identity` text NOT NULL,
	`queue` text NOT NULL,
	`reason` text NOT NULL,
	`event` text NOT NULL,
	`received_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `unmatched_events_by_identity` ON `unmatched_events` (`identity`);--> statement-breakpoint
CREATE TABLE `usage_days` (
	`account_id` text NOT NULL,
	`sim_id` text NOT NULL,
	`day` integer NOT NULL,
	`country_code` text NOT NULL,
	`upload` integer NOT NULL,
	`download` integer NOT NULL,
	`records` integer NOT NULL,
	`minutes` text NOT NULL,
	PRIMARY KEY(`account_id`, `sim_id`, `day`, `country_code`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `usage_records` (
	`account_id` text NOT NULL,
	`minute` integer NOT NULL,
	`sim_id` text NOT NULL,
	`time` integer NOT NULL,
	`bill_id` text NOT NULL,
	`operation` text NOT NULL,
	`id` text NOT NULL,
	`country_code` text NOT NULL,
	`upload` integer NOT NULL,
	`download` integer NOT NULL,
	`run` integer NOT NULL,
	PRIMARY KEY(`account_id`, `minute`, `sim_id`, `time`, `bill_id`, `operation`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `usage_records_by_id` ON `usage_records` (`id`) WHERE id <> '';--> statement-breakpoint
CREATE TABLE `webhooks` (
	`id` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`url` text NOT NULL,
	`label` text,
	`active` integer NOT NULL,
	`exclude_types` text NOT NULL,
	`authorization` text,
	`authorization_updated_at` integer,
	`secret` text NOT NULL,
	`secret_updated_at` integer NOT NULL,
	`previous_secrets` text DEFAULT '[]' NOT NULL,
	`retry` text NOT NULL,
	`disabled_at` integer,
	`disabled_reason` text,
	`lane` text DEFAULT 'fast' NOT NULL,
	`recent` text DEFAULT '' NOT NULL,
	`failing_since` integer,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `webhooks_by_account` ON `webhooks` (`account_id`);