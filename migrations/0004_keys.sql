CREATE TABLE `idempotency_keys` (
	`account_id` text NOT NULL,
	`key` text NOT NULL,
	`request` text NOT NULL,
	`created_at` integer NOT NULL,
	`lease` integer NOT NULL,
	`status` integer,
	`headers` text,
	`body` text,
	PRIMARY KEY(`account_id`, `key`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `idempotency_keys_by_time` ON `idempotency_keys` (`created_at`);--> statement-breakpoint
ALTER TABLE `accounts` ADD `rate_limit` integer;--> statement-breakpoint
ALTER TABLE `api_keys` ADD `scopes` text DEFAULT '["*"]' NOT NULL;--> statement-breakpoint
ALTER TABLE `api_keys` ADD `expires_at` integer;--> statement-breakpoint
ALTER TABLE `api_keys` ADD `allowed_ips` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `api_keys` ADD `last_used_at` integer;--> statement-breakpoint
ALTER TABLE `sims` ADD `version` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
-- By hand: what the audit log tells of a key, its limits too, and of an account's rate limit.
DROP TRIGGER api_keys_made_audited;
--> statement-breakpoint
CREATE TRIGGER api_keys_made_audited AFTER INSERT ON api_keys WHEN EXISTS (SELECT 1 FROM audit_context)
BEGIN
  INSERT INTO audited (account_id, action, subject, sim_id, before, after)
  VALUES (new.account_id, 'key.created', new.id, NULL, NULL,
    json_object('name', new.name, 'scopes', json(new.scopes),
        'expires_at', strftime('%Y-%m-%dT%H:%M:%S', new.expires_at / 1000, 'unixepoch') || printf('.%03dZ', new.expires_at % 1000),
        'allowed_ips', json(new.allowed_ips),
        'revoked_at', strftime('%Y-%m-%dT%H:%M:%S', new.revoked_at / 1000, 'unixepoch') || printf('.%03dZ', new.revoked_at % 1000)));
END;
--> statement-breakpoint
DROP TRIGGER api_keys_changed_audited;
--> statement-breakpoint
CREATE TRIGGER api_keys_changed_audited AFTER UPDATE OF name, scopes, expires_at, allowed_ips, revoked_at
ON api_keys WHEN EXISTS (SELECT 1 FROM audit_context)
BEGIN
  INSERT INTO audited (account_id, action, subject, sim_id, before, after)
  VALUES (old.account_id, iif(old.revoked_at IS NULL AND new.revoked_at IS NOT NULL, 'key.revoked', 'key.changed'), old.id, NULL,
    json_object('name', old.name, 'scopes', json(old.scopes),
        'expires_at', strftime('%Y-%m-%dT%H:%M:%S', old.expires_at / 1000, 'unixepoch') || printf('.%03dZ', old.expires_at % 1000),
        'allowed_ips', json(old.allowed_ips),
        'revoked_at', strftime('%Y-%m-%dT%H:%M:%S', old.revoked_at / 1000, 'unixepoch') || printf('.%03dZ', old.revoked_at % 1000)),
    json_object('name', new.name, 'scopes', json(new.scopes),
        'expires_at', strftime('%Y-%m-%dT%H:%M:%S', new.expires_at / 1000, 'unixepoch') || printf('.%03dZ', new.expires_at % 1000),
        'allowed_ips', json(new.allowed_ips),
        'revoked_at', strftime('%Y-%m-%dT%H:%M:%S', new.revoked_at / 1000, 'unixepoch') || printf('.%03dZ', new.revoked_at % 1000)));
END;
--> statement-breakpoint
CREATE TRIGGER accounts_changed_audited AFTER UPDATE OF rate_limit
ON accounts WHEN EXISTS (SELECT 1 FROM audit_context)
BEGIN
  INSERT INTO audited (account_id, action, subject, sim_id, before, after)
  VALUES (old.id, 'account.changed', old.id, NULL,
    json_object('rate_limit', old.rate_limit), json_object('rate_limit', new.rate_limit));
END;
