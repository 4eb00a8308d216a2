ALTER TABLE `api_keys` ADD `tags` text;--> statement-breakpoint
-- By hand: the audit log tells of a key's tags too.
DROP TRIGGER api_keys_made_audited;
--> statement-breakpoint
CREATE TRIGGER api_keys_made_audited AFTER INSERT ON api_keys WHEN EXISTS (SELECT 1 FROM audit_context)
BEGIN
  INSERT INTO audited (account_id, action, subject, sim_id, before, after)
  VALUES (new.account_id, 'key.created', new.id, NULL, NULL,
    json_object('name', new.name, 'scopes', json(new.scopes),
        'expires_at', strftime('%Y-%m-%dT%H:%M:%S', new.expires_at / 1000, 'unixepoch') || printf('.%03dZ', new.expires_at % 1000),
        'allowed_ips', json(new.allowed_ips), 'tags', json(new.tags),
        'revoked_at', strftime('%Y-%m-%dT%H:%M:%S', new.revoked_at / 1000, 'unixepoch') || printf('.%03dZ', new.revoked_at % 1000)));
END;
--> statement-breakpoint
DROP TRIGGER api_keys_changed_audited;
--> statement-breakpoint
CREATE TRIGGER api_keys_changed_audited AFTER UPDATE OF name, scopes, expires_at, allowed_ips, tags, revoked_at
ON api_keys WHEN EXISTS (SELECT 1 FROM audit_context)
BEGIN
  INSERT INTO audited (account_id, action, subject, sim_id, before, after)
  VALUES (old.account_id, iif(old.revoked_at IS NULL AND new.revoked_at IS NOT NULL, 'key.revoked', 'key.changed'), old.id, NULL,
    json_object('name', old.name, 'scopes', json(old.scopes),
        'expires_at', strftime('%Y-%m-%dT%H:%M:%S', old.expires_at / 1000, 'unixepoch') || printf('.%03dZ', old.expires_at % 1000),
        'allowed_ips', json(old.allowed_ips), 'tags', json(old.tags),
        'revoked_at', strftime('%Y-%m-%dT%H:%M:%S', old.revoked_at / 1000, 'unixepoch') || printf('.%03dZ', old.revoked_at % 1000)),
    json_object('name', new.name, 'scopes', json(new.scopes),
        'expires_at', strftime('%Y-%m-%dT%H:%M:%S', new.expires_at / 1000, 'unixepoch') || printf('.%03dZ', new.expires_at % 1000),
        'allowed_ips', json(new.allowed_ips), 'tags', json(new.tags),
        'revoked_at', strftime('%Y-%m-%dT%H:%M:%S', new.revoked_at / 1000, 'unixepoch') || printf('.%03dZ', new.revoked_at % 1000)));
END;
