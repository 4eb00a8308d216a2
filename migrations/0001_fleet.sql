CREATE TABLE `network_lists` (
	`account_id` text NOT NULL,
	`name` text NOT NULL,
	`networks` text NOT NULL,
	`tags` text DEFAULT '[]' NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`account_id`, `name`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `sim_tags` (
	`account_id` text NOT NULL,
	`tag_id` text NOT NULL,
	`sim_id` text NOT NULL,
	PRIMARY KEY(`account_id`, `tag_id`, `sim_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `tags` (
	`id` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`name` text NOT NULL,
	`color` text,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `tags_by_name` ON `tags` (`account_id`,`name`);--> statement-breakpoint
CREATE TABLE `account_hours` (
	`account_id` text NOT NULL,
	`hour` integer NOT NULL,
	`country_code` text NOT NULL,
	`network` text NOT NULL,
	`upload` integer NOT NULL,
	`download` integer NOT NULL,
	`records` integer NOT NULL,
	PRIMARY KEY(`account_id`, `hour`, `country_code`, `network`)
) WITHOUT ROWID;
--> statement-breakpoint
DROP INDEX `sims_by_connector`;--> statement-breakpoint
ALTER TABLE `sims` ADD `alias_sort` text GENERATED ALWAYS AS (coalesce(alias, '')) VIRTUAL;--> statement-breakpoint
ALTER TABLE `sims` ADD `iccid` text;--> statement-breakpoint
ALTER TABLE `sims` ADD `imsi` text;--> statement-breakpoint
ALTER TABLE `sims` ADD `msisdn` text;--> statement-breakpoint
ALTER TABLE `sims` ADD `ipv4` text;--> statement-breakpoint
ALTER TABLE `sims` ADD `network_list` text;--> statement-breakpoint
ALTER TABLE `sims` ADD `imei_lock` text;--> statement-breakpoint
ALTER TABLE `sims` ADD `tags` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `sims` ADD `data_limit` text;--> statement-breakpoint
ALTER TABLE `sims` ADD `technologies` text;--> statement-breakpoint
ALTER TABLE `sims` ADD `online` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `sims` ADD `online_at` integer;--> statement-breakpoint
ALTER TABLE `sims` ADD `last_came_online_at` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `sims` ADD `imei` text;--> statement-breakpoint
ALTER TABLE `sims` ADD `country_code` text;--> statement-breakpoint
ALTER TABLE `sims` ADD `network` text;--> statement-breakpoint
ALTER TABLE `sims` ADD `location` text;--> statement-breakpoint
ALTER TABLE `sims` ADD `seen_at` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `sims` ADD `usage_month` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `sims` ADD `usage_sorted` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `sims_by_id` ON `sims` (`account_id`,`id`);--> statement-breakpoint
CREATE INDEX `sims_by_label` ON `sims` (`account_id`,`alias_sort`,`id`);--> statement-breakpoint
CREATE INDEX `sims_by_usage` ON `sims` (`account_id`,`usage_month`,`usage_sorted`,`id`);--> statement-breakpoint
CREATE INDEX `sims_by_came_online` ON `sims` (`account_id`,`last_came_online_at`,`id`);--> statement-breakpoint
CREATE INDEX `sims_by_online` ON `sims` (`account_id`,`online`,`id`);--> statement-breakpoint
CREATE INDEX `sims_by_active` ON `sims` (`account_id`,`active`,`id`);--> statement-breakpoint
CREATE INDEX `sims_of_connector` ON `sims` (`account_id`,`connector_id`,`id`) WHERE connector_id IS NOT NULL;--> statement-breakpoint
CREATE INDEX `sims_of_network_list` ON `sims` (`account_id`,`network_list`,`id`) WHERE network_list IS NOT NULL;--> statement-breakpoint
CREATE INDEX `sims_in_country` ON `sims` (`account_id`,`country_code`,`id`) WHERE country_code IS NOT NULL;--> statement-breakpoint
CREATE INDEX `sims_in_device` ON `sims` (`account_id`,`imei`,`id`) WHERE imei IS NOT NULL;--> statement-breakpoint
CREATE INDEX `sims_by_iccid` ON `sims` (`account_id`,`iccid`);--> statement-breakpoint
ALTER TABLE `connectors` ADD `tags` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `network_log` ADD `details` text;--> statement-breakpoint
ALTER TABLE `sim_cards` ADD `ipv4` text;--> statement-breakpoint
ALTER TABLE `usage_days` ADD `month_bytes` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `usage_days` ADD `last_time` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `usage_records` ADD `details` text;--> statement-breakpoint
ALTER TABLE `webhooks` ADD `tags` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `webhooks` ADD `payload` text DEFAULT 'classic' NOT NULL;--> statement-breakpoint
-- By hand: an ICCID for SIMs that are there already. 8945730000, the id, and the check digit (Luhn).
UPDATE sims SET (iccid, imsi, msisdn) = (SELECT iccid, imsi, msisdn FROM sim_cards WHERE sim_cards.id = sims.id);
--> statement-breakpoint
UPDATE sims SET iccid = '8945730000' || id || (
  WITH RECURSIVE digits (place, digit) AS (
    SELECT 1, CAST(substr('8945730000' || sims.id, 1, 1) AS INTEGER)
    UNION ALL
    SELECT place + 1, CAST(substr('8945730000' || sims.id, place + 1, 1) AS INTEGER) FROM digits WHERE place < 19
  )
  SELECT (10 - sum(CASE WHEN place % 2 = 0 THEN digit WHEN digit > 4 THEN digit * 2 - 9 ELSE digit * 2 END) % 10) % 10 FROM digits
) WHERE iccid IS NULL;
--> statement-breakpoint
UPDATE usage_days SET month_bytes = (
  SELECT sum(upload + download) FROM usage_days AS before
  WHERE before.account_id = usage_days.account_id AND before.sim_id = usage_days.sim_id
    AND before.day >= unixepoch(usage_days.day * 86400, 'unixepoch', 'start of month') / 86400
    AND (before.day, before.country_code) <= (usage_days.day, usage_days.country_code)),
  last_time = (day * 1440 + (SELECT max(value) FROM json_each(minutes))) * 60000,
  minutes = (SELECT json_group_array(value) FROM (SELECT value FROM json_each(minutes) ORDER BY value));
--> statement-breakpoint
INSERT INTO account_hours
SELECT account_id, minute / 60, country_code, '', sum(upload), sum(download), count(*) FROM usage_records GROUP BY 1, 2, 3;
--> statement-breakpoint
-- By hand: pieces of what names a SIM, for `GET /sims/find`. `account` is the first three characters of its account.
CREATE VIRTUAL TABLE sim_search USING fts5 (account, names, content = '', contentless_delete = 1, tokenize = 'trigram');
--> statement-breakpoint
INSERT INTO sim_search (rowid, account, names)
SELECT CAST(id AS INTEGER), substr(account_id, 1, 3), id || char(10) || coalesce(alias, '') || char(10) || coalesce(iccid, '') || char(10)
    || coalesce(imsi, '') || char(10) || coalesce(msisdn, '') || char(10) || coalesce(imei, '') FROM sims;
--> statement-breakpoint
CREATE TRIGGER sims_found_when_made AFTER INSERT ON sims
BEGIN
  INSERT INTO sim_search (rowid, account, names) VALUES (CAST(new.id AS INTEGER), substr(new.account_id, 1, 3),
    new.id || char(10) || coalesce(new.alias, '') || char(10) || coalesce(new.iccid, '') || char(10)
    || coalesce(new.imsi, '') || char(10) || coalesce(new.msisdn, '') || char(10) || coalesce(new.imei, ''));
END;
--> statement-breakpoint
CREATE TRIGGER sims_found_when_changed AFTER UPDATE OF alias, iccid, imsi, msisdn, imei ON sims
WHEN (old.alias, old.iccid, old.imsi, old.msisdn, old.imei) IS NOT (new.alias, new.iccid, new.imsi, new.msisdn, new.imei)
BEGIN
  DELETE FROM sim_search WHERE rowid = CAST(old.id AS INTEGER);
  INSERT INTO sim_search (rowid, account, names) VALUES (CAST(new.id AS INTEGER), substr(new.account_id, 1, 3),
    new.id || char(10) || coalesce(new.alias, '') || char(10) || coalesce(new.iccid, '') || char(10)
    || coalesce(new.imsi, '') || char(10) || coalesce(new.msisdn, '') || char(10) || coalesce(new.imei, ''));
END;
--> statement-breakpoint
CREATE TRIGGER sims_gone AFTER DELETE ON sims
BEGIN
  DELETE FROM sim_search WHERE rowid = CAST(old.id AS INTEGER);
  DELETE FROM sim_tags WHERE account_id = old.account_id AND sim_id = old.id
    AND tag_id IN (SELECT value FROM json_each(old.tags));
END;
--> statement-breakpoint
CREATE TRIGGER sims_tagged AFTER UPDATE OF tags ON sims WHEN old.tags <> new.tags
BEGIN
  DELETE FROM sim_tags WHERE account_id = old.account_id AND sim_id = old.id
    AND tag_id IN (SELECT value FROM json_each(old.tags) EXCEPT SELECT value FROM json_each(new.tags));
  INSERT INTO sim_tags SELECT new.account_id, value, new.id FROM json_each(new.tags) WHERE true ON CONFLICT DO NOTHING;
END;
