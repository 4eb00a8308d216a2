CREATE TABLE `audit_context` (
	`id` integer PRIMARY KEY NOT NULL,
	`at` integer NOT NULL,
	`actor` text NOT NULL,
	`key_id` text,
	`address` text,
	`request_id` text
);
--> statement-breakpoint
CREATE TABLE `audit_log` (
	`account_id` text NOT NULL,
	`seq` integer NOT NULL,
	`actor` text NOT NULL,
	`key_id` text,
	`address` text,
	`request_id` text,
	`action` text NOT NULL,
	`subject` text NOT NULL,
	`sim_id` text,
	`before` text,
	`after` text,
	PRIMARY KEY(`account_id`, `seq`)
) WITHOUT ROWID;
--> statement-breakpoint
-- By hand: the audit log is written here, so that no write can forget it. A trigger of each table tells `audited` what was
-- there before and what is there after, with the fields as the API names them (a SIM's as the fleet API does). The two
-- triggers of `audited` put that into the log, with who acts. Of a change they keep the fields that differ, and nothing
-- where none does. `meta` holds the secrets: 'set' or null, of a change only those that were given anew.
-- What is compared are the columns after UPDATE OF; test/audit/columns.test.ts names those that are not.
CREATE VIEW audited AS SELECT account_id, action, subject, sim_id, before, after FROM audit_log WHERE false;
--> statement-breakpoint
CREATE TRIGGER audited_made_or_gone INSTEAD OF INSERT ON audited WHEN new.before IS NULL OR new.after IS NULL
BEGIN
  INSERT INTO audit_log (account_id, seq, actor, key_id, address, request_id, action, subject, sim_id, before, after)
  SELECT new.account_id, max(at * 1000, 1 + coalesce((SELECT max(seq) FROM audit_log WHERE account_id = new.account_id), 0)),
    actor, key_id, address, request_id, new.action, new.subject, new.sim_id, new.before, new.after
  FROM audit_context;
END;
--> statement-breakpoint
CREATE TRIGGER audited_changed INSTEAD OF INSERT ON audited WHEN new.before IS NOT NULL AND new.after IS NOT NULL
BEGIN
  INSERT INTO audit_log (account_id, seq, actor, key_id, address, request_id, action, subject, sim_id, before, after)
  SELECT new.account_id, max(at * 1000, 1 + coalesce((SELECT max(seq) FROM audit_log WHERE account_id = new.account_id), 0)),
    actor, key_id, address, request_id, new.action, new.subject, new.sim_id, differing.before, differing.after
  FROM audit_context CROSS JOIN (
    SELECT json_group_object(key, new.before -> key) AS before, json_group_object(key, new.after -> key) AS after
    FROM json_each(new.before)
    WHERE iif(key = 'meta', new.before -> key <> '{}', new.before -> key <> new.after -> key)
  ) AS differing
  WHERE differing.before <> '{}';
END;
--> statement-breakpoint
-- Nothing rewrites what was logged.
CREATE TRIGGER audit_log_stays BEFORE UPDATE ON audit_log
BEGIN
  SELECT RAISE(ABORT, 'the audit log is not changed');
END;
--> statement-breakpoint
CREATE TRIGGER sims_made_audited AFTER INSERT ON sims WHEN EXISTS (SELECT 1 FROM audit_context)
BEGIN
  INSERT INTO audited (account_id, action, subject, sim_id, before, after)
  VALUES (new.account_id, 'sim.created', new.id, new.id, NULL,
    json_object('label', new.alias, 'activated', json(iif(new.active, 'true', 'false')), 'connector', new.connector_id,
        'network_whitelist', new.network_list, 'imei_lock', new.imei_lock, 'tags', json(new.tags),
        'data_limit', json_object('total', coalesce(new.data_limit ->> 'total', 10000000000), 'alert_threshold', new.data_limit ->> 'alert_threshold'),
        'technologies', json(coalesce(new.technologies, '{"sms":true,"2g_3g":true,"4g":true}')), 'iccid', new.iccid,
        'imsi', new.imsi, 'msisdn', new.msisdn, 'ipv4', new.ipv4));
END;
--> statement-breakpoint
CREATE TRIGGER sims_changed_audited AFTER UPDATE OF alias, active, connector_id, network_list, imei_lock, tags, data_limit, technologies, iccid, imsi, msisdn, ipv4
ON sims WHEN EXISTS (SELECT 1 FROM audit_context)
BEGIN
  INSERT INTO audited (account_id, action, subject, sim_id, before, after)
  VALUES (old.account_id, 'sim.changed', old.id, old.id,
    json_object('label', old.alias, 'activated', json(iif(old.active, 'true', 'false')), 'connector', old.connector_id,
        'network_whitelist', old.network_list, 'imei_lock', old.imei_lock, 'tags', json(old.tags),
        'data_limit', json_object('total', coalesce(old.data_limit ->> 'total', 10000000000), 'alert_threshold', old.data_limit ->> 'alert_threshold'),
        'technologies', json(coalesce(old.technologies, '{"sms":true,"2g_3g":true,"4g":true}')), 'iccid', old.iccid,
        'imsi', old.imsi, 'msisdn', old.msisdn, 'ipv4', old.ipv4),
    json_object('label', new.alias, 'activated', json(iif(new.active, 'true', 'false')), 'connector', new.connector_id,
        'network_whitelist', new.network_list, 'imei_lock', new.imei_lock, 'tags', json(new.tags),
        'data_limit', json_object('total', coalesce(new.data_limit ->> 'total', 10000000000), 'alert_threshold', new.data_limit ->> 'alert_threshold'),
        'technologies', json(coalesce(new.technologies, '{"sms":true,"2g_3g":true,"4g":true}')), 'iccid', new.iccid,
        'imsi', new.imsi, 'msisdn', new.msisdn, 'ipv4', new.ipv4));
END;
--> statement-breakpoint
CREATE TRIGGER sims_gone_audited AFTER DELETE ON sims WHEN EXISTS (SELECT 1 FROM audit_context)
BEGIN
  INSERT INTO audited (account_id, action, subject, sim_id, before, after)
  VALUES (old.account_id, 'sim.deleted', old.id, old.id,
    json_object('label', old.alias, 'activated', json(iif(old.active, 'true', 'false')), 'connector', old.connector_id,
        'network_whitelist', old.network_list, 'imei_lock', old.imei_lock, 'tags', json(old.tags),
        'data_limit', json_object('total', coalesce(old.data_limit ->> 'total', 10000000000), 'alert_threshold', old.data_limit ->> 'alert_threshold'),
        'technologies', json(coalesce(old.technologies, '{"sms":true,"2g_3g":true,"4g":true}')), 'iccid', old.iccid,
        'imsi', old.imsi, 'msisdn', old.msisdn, 'ipv4', old.ipv4), NULL);
END;
--> statement-breakpoint
CREATE TRIGGER connectors_made_audited AFTER INSERT ON connectors WHEN EXISTS (SELECT 1 FROM audit_context)
BEGIN
  INSERT INTO audited (account_id, action, subject, sim_id, before, after)
  VALUES (new.account_id, 'connector.created', new.id, NULL, NULL,
    json_object('name', new.id, 'type', new.type, 'options', json(new.options), 'passthrough', json(new.passthrough),
        'tags', json(new.tags), 'meta', json((SELECT json_group_object(key, 'set') FROM json_each(new.secrets)))));
END;
--> statement-breakpoint
CREATE TRIGGER connectors_changed_audited AFTER UPDATE OF type, options, passthrough, tags, secrets
ON connectors WHEN EXISTS (SELECT 1 FROM audit_context)
BEGIN
  INSERT INTO audited (account_id, action, subject, sim_id, before, after)
  VALUES (old.account_id, 'connector.changed', old.id, NULL,
    json_object('name', old.id, 'type', old.type, 'options', json(old.options), 'passthrough', json(old.passthrough),
        'tags', json(old.tags),
        'meta', json((SELECT json_group_object(key, iif(old.secrets -> key IS NULL, NULL, 'set'))
          FROM (SELECT key FROM json_each(old.secrets) UNION SELECT key FROM json_each(new.secrets))
          WHERE old.secrets -> key IS NOT new.secrets -> key))),
    json_object('name', new.id, 'type', new.type, 'options', json(new.options), 'passthrough', json(new.passthrough),
        'tags', json(new.tags),
        'meta', json((SELECT json_group_object(key, iif(new.secrets -> key IS NULL, NULL, 'set'))
          FROM (SELECT key FROM json_each(old.secrets) UNION SELECT key FROM json_each(new.secrets))
          WHERE old.secrets -> key IS NOT new.secrets -> key))));
END;
--> statement-breakpoint
CREATE TRIGGER connectors_gone_audited AFTER DELETE ON connectors WHEN EXISTS (SELECT 1 FROM audit_context)
BEGIN
  INSERT INTO audited (account_id, action, subject, sim_id, before, after)
  VALUES (old.account_id, 'connector.deleted', old.id, NULL,
    json_object('name', old.id, 'type', old.type, 'options', json(old.options), 'passthrough', json(old.passthrough),
        'tags', json(old.tags), 'meta', json((SELECT json_group_object(key, 'set') FROM json_each(old.secrets)))), NULL);
END;
--> statement-breakpoint
CREATE TRIGGER network_lists_made_audited AFTER INSERT ON network_lists WHEN EXISTS (SELECT 1 FROM audit_context)
BEGIN
  INSERT INTO audited (account_id, action, subject, sim_id, before, after)
  VALUES (new.account_id, 'network_whitelist.created', new.name, NULL, NULL,
    json_object('name', new.name, 'networks', json(new.networks), 'tags', json(new.tags)));
END;
--> statement-breakpoint
CREATE TRIGGER network_lists_changed_audited AFTER UPDATE OF name, networks, tags
ON network_lists WHEN EXISTS (SELECT 1 FROM audit_context)
BEGIN
  INSERT INTO audited (account_id, action, subject, sim_id, before, after)
  VALUES (old.account_id, 'network_whitelist.changed', old.name, NULL,
    json_object('name', old.name, 'networks', json(old.networks), 'tags', json(old.tags)),
    json_object('name', new.name, 'networks', json(new.networks), 'tags', json(new.tags)));
END;
--> statement-breakpoint
CREATE TRIGGER network_lists_gone_audited AFTER DELETE ON network_lists WHEN EXISTS (SELECT 1 FROM audit_context)
BEGIN
  INSERT INTO audited (account_id, action, subject, sim_id, before, after)
  VALUES (old.account_id, 'network_whitelist.deleted', old.name, NULL,
    json_object('name', old.name, 'networks', json(old.networks), 'tags', json(old.tags)), NULL);
END;
--> statement-breakpoint
CREATE TRIGGER tags_made_audited AFTER INSERT ON tags WHEN EXISTS (SELECT 1 FROM audit_context)
BEGIN
  INSERT INTO audited (account_id, action, subject, sim_id, before, after)
  VALUES (new.account_id, 'tag.created', new.id, NULL, NULL,
    json_object('name', new.name, 'color', new.color));
END;
--> statement-breakpoint
CREATE TRIGGER tags_changed_audited AFTER UPDATE OF name, color
ON tags WHEN EXISTS (SELECT 1 FROM audit_context)
BEGIN
  INSERT INTO audited (account_id, action, subject, sim_id, before, after)
  VALUES (old.account_id, 'tag.changed', old.id, NULL,
    json_object('name', old.name, 'color', old.color),
    json_object('name', new.name, 'color', new.color));
END;
--> statement-breakpoint
CREATE TRIGGER tags_gone_audited AFTER DELETE ON tags WHEN EXISTS (SELECT 1 FROM audit_context)
BEGIN
  INSERT INTO audited (account_id, action, subject, sim_id, before, after)
  VALUES (old.account_id, 'tag.deleted', old.id, NULL,
    json_object('name', old.name, 'color', old.color), NULL);
END;
--> statement-breakpoint
CREATE TRIGGER webhooks_made_audited AFTER INSERT ON webhooks WHEN EXISTS (SELECT 1 FROM audit_context)
BEGIN
  INSERT INTO audited (account_id, action, subject, sim_id, before, after)
  VALUES (new.account_id, 'webhook.created', new.id, NULL, NULL,
    json_object('url', new.url, 'label', new.label, 'active', json(iif(new.active, 'true', 'false')),
        'exclude_types', json(new.exclude_types), 'tags', json(new.tags), 'payload', new.payload, 'retry', new.retry,
        'disabled_at', strftime('%Y-%m-%dT%H:%M:%S', new.disabled_at / 1000, 'unixepoch') || printf('.%03dZ', new.disabled_at % 1000),
        'disabled_reason', new.disabled_reason,
        'meta', json_object('authorization', iif(new.authorization IS NULL, NULL, 'set'), 'secret', 'set')));
END;
--> statement-breakpoint
CREATE TRIGGER webhooks_changed_audited AFTER UPDATE OF url, label, active, exclude_types, tags, payload, retry, disabled_at, disabled_reason, authorization, secret
ON webhooks WHEN EXISTS (SELECT 1 FROM audit_context)
BEGIN
  INSERT INTO audited (account_id, action, subject, sim_id, before, after)
  VALUES (old.account_id, iif(old.secret <> new.secret, 'webhook.secret_rotated',
    iif(old.disabled_at IS NULL AND new.disabled_at IS NOT NULL, 'webhook.disabled', 'webhook.changed')), old.id, NULL,
    json_object('url', old.url, 'label', old.label, 'active', json(iif(old.active, 'true', 'false')),
        'exclude_types', json(old.exclude_types), 'tags', json(old.tags), 'payload', old.payload, 'retry', old.retry,
        'disabled_at', strftime('%Y-%m-%dT%H:%M:%S', old.disabled_at / 1000, 'unixepoch') || printf('.%03dZ', old.disabled_at % 1000),
        'disabled_reason', old.disabled_reason,
        'meta', json((SELECT json_group_object(name, value) FROM (
          SELECT 'authorization' AS name, iif(old.authorization IS NULL, NULL, 'set') AS value WHERE old.authorization IS NOT new.authorization
          UNION ALL SELECT 'secret', 'set' WHERE old.secret <> new.secret)))),
    json_object('url', new.url, 'label', new.label, 'active', json(iif(new.active, 'true', 'false')),
        'exclude_types', json(new.exclude_types), 'tags', json(new.tags), 'payload', new.payload, 'retry', new.retry,
        'disabled_at', strftime('%Y-%m-%dT%H:%M:%S', new.disabled_at / 1000, 'unixepoch') || printf('.%03dZ', new.disabled_at % 1000),
        'disabled_reason', new.disabled_reason,
        'meta', json((SELECT json_group_object(name, value) FROM (
          SELECT 'authorization' AS name, iif(new.authorization IS NULL, NULL, 'set') AS value WHERE old.authorization IS NOT new.authorization
          UNION ALL SELECT 'secret', 'set' WHERE old.secret <> new.secret)))));
END;
--> statement-breakpoint
CREATE TRIGGER webhooks_gone_audited AFTER DELETE ON webhooks WHEN EXISTS (SELECT 1 FROM audit_context)
BEGIN
  INSERT INTO audited (account_id, action, subject, sim_id, before, after)
  VALUES (old.account_id, 'webhook.deleted', old.id, NULL,
    json_object('url', old.url, 'label', old.label, 'active', json(iif(old.active, 'true', 'false')),
        'exclude_types', json(old.exclude_types), 'tags', json(old.tags), 'payload', old.payload, 'retry', old.retry,
        'disabled_at', strftime('%Y-%m-%dT%H:%M:%S', old.disabled_at / 1000, 'unixepoch') || printf('.%03dZ', old.disabled_at % 1000),
        'disabled_reason', old.disabled_reason,
        'meta', json_object('authorization', iif(old.authorization IS NULL, NULL, 'set'), 'secret', 'set')), NULL);
END;
--> statement-breakpoint
CREATE TRIGGER api_keys_made_audited AFTER INSERT ON api_keys WHEN EXISTS (SELECT 1 FROM audit_context)
BEGIN
  INSERT INTO audited (account_id, action, subject, sim_id, before, after)
  VALUES (new.account_id, 'key.created', new.id, NULL, NULL,
    json_object('name', new.name,
        'revoked_at', strftime('%Y-%m-%dT%H:%M:%S', new.revoked_at / 1000, 'unixepoch') || printf('.%03dZ', new.revoked_at % 1000)));
END;
--> statement-breakpoint
CREATE TRIGGER api_keys_changed_audited AFTER UPDATE OF name, revoked_at
ON api_keys WHEN EXISTS (SELECT 1 FROM audit_context)
BEGIN
  INSERT INTO audited (account_id, action, subject, sim_id, before, after)
  VALUES (old.account_id, iif(old.revoked_at IS NULL AND new.revoked_at IS NOT NULL, 'key.revoked', 'key.changed'), old.id, NULL,
    json_object('name', old.name,
        'revoked_at', strftime('%Y-%m-%dT%H:%M:%S', old.revoked_at / 1000, 'unixepoch') || printf('.%03dZ', old.revoked_at % 1000)),
    json_object('name', new.name,
        'revoked_at', strftime('%Y-%m-%dT%H:%M:%S', new.revoked_at / 1000, 'unixepoch') || printf('.%03dZ', new.revoked_at % 1000)));
END;
--> statement-breakpoint
CREATE TRIGGER accounts_made_audited AFTER INSERT ON accounts WHEN EXISTS (SELECT 1 FROM audit_context)
BEGIN
  INSERT INTO audited (account_id, action, subject, sim_id, before, after)
  VALUES (new.id, 'account.created', new.id, NULL, NULL,
    json_object('name', new.name));
END;
--> statement-breakpoint
CREATE TRIGGER sim_cards_issued_audited AFTER INSERT ON sim_cards WHEN EXISTS (SELECT 1 FROM audit_context)
BEGIN
  INSERT INTO audited (account_id, action, subject, sim_id, before, after)
  VALUES (new.account_id, 'card.issued', new.id, new.id, NULL,
    json_object('iccid', new.iccid, 'imsi', new.imsi, 'msisdn', new.msisdn, 'ipv4', new.ipv4));
END;
--> statement-breakpoint
CREATE TRIGGER sim_cards_replaced_audited AFTER UPDATE OF iccid, imsi, msisdn, ipv4
ON sim_cards WHEN EXISTS (SELECT 1 FROM audit_context) AND old.account_id = new.account_id
BEGIN
  INSERT INTO audited (account_id, action, subject, sim_id, before, after)
  VALUES (old.account_id, 'card.issued', old.id, old.id,
    json_object('iccid', old.iccid, 'imsi', old.imsi, 'msisdn', old.msisdn, 'ipv4', old.ipv4),
    json_object('iccid', new.iccid, 'imsi', new.imsi, 'msisdn', new.msisdn, 'ipv4', new.ipv4));
END;
--> statement-breakpoint
CREATE TRIGGER sim_cards_moved_audited AFTER UPDATE OF account_id
ON sim_cards WHEN EXISTS (SELECT 1 FROM audit_context) AND old.account_id <> new.account_id
BEGIN
  INSERT INTO audited (account_id, action, subject, sim_id, before, after)
  VALUES (old.account_id, 'card.withdrawn', old.id, old.id,
    json_object('iccid', old.iccid, 'imsi', old.imsi, 'msisdn', old.msisdn, 'ipv4', old.ipv4), NULL);
  INSERT INTO audited (account_id, action, subject, sim_id, before, after)
  VALUES (new.account_id, 'card.issued', new.id, new.id, NULL,
    json_object('iccid', new.iccid, 'imsi', new.imsi, 'msisdn', new.msisdn, 'ipv4', new.ipv4));
END;
