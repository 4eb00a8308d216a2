DROP INDEX `sims_in_device`;--> statement-breakpoint
ALTER TABLE `sims` ADD `eid` text;--> statement-breakpoint
ALTER TABLE `sims` ADD `device` text GENERATED ALWAYS AS (substr(imei, 1, 14)) VIRTUAL;--> statement-breakpoint
ALTER TABLE `sims` ADD `sessions` text DEFAULT '{}' NOT NULL;--> statement-breakpoint
CREATE INDEX `sims_in_device` ON `sims` (`account_id`,`device`,`id`) WHERE device IS NOT NULL;--> statement-breakpoint
ALTER TABLE `sim_cards` ADD `eid` text;
--> statement-breakpoint
-- By hand: the search and the audit log know the EID too.
DROP TRIGGER sims_found_when_made;
--> statement-breakpoint
CREATE TRIGGER sims_found_when_made AFTER INSERT ON sims
BEGIN
  INSERT INTO sim_search (rowid, account, names) VALUES (CAST(new.id AS INTEGER), substr(new.account_id, 1, 3),
    new.id || char(10) || coalesce(new.alias, '') || char(10) || coalesce(new.iccid, '') || char(10)
    || coalesce(new.imsi, '') || char(10) || coalesce(new.msisdn, '') || char(10) || coalesce(new.imei, '') || char(10) || coalesce(new.eid, ''));
END;
--> statement-breakpoint
DROP TRIGGER sims_found_when_changed;
--> statement-breakpoint
CREATE TRIGGER sims_found_when_changed AFTER UPDATE OF alias, iccid, imsi, msisdn, imei, eid ON sims
WHEN (old.alias, old.iccid, old.imsi, old.msisdn, old.imei, old.eid) IS NOT (new.alias, new.iccid, new.imsi, new.msisdn, new.imei, new.eid)
BEGIN
  DELETE FROM sim_search WHERE rowid = CAST(old.id AS INTEGER);
  INSERT INTO sim_search (rowid, account, names) VALUES (CAST(new.id AS INTEGER), substr(new.account_id, 1, 3),
    new.id || char(10) || coalesce(new.alias, '') || char(10) || coalesce(new.iccid, '') || char(10)
    || coalesce(new.imsi, '') || char(10) || coalesce(new.msisdn, '') || char(10) || coalesce(new.imei, '') || char(10) || coalesce(new.eid, ''));
END;
--> statement-breakpoint
DROP TRIGGER sims_made_audited;
--> statement-breakpoint
CREATE TRIGGER sims_made_audited AFTER INSERT ON sims WHEN EXISTS (SELECT 1 FROM audit_context)
BEGIN
  INSERT INTO audited (account_id, action, subject, sim_id, before, after)
  VALUES (new.account_id, 'sim.created', new.id, new.id, NULL,
    json_object('label', new.alias, 'activated', json(iif(new.active, 'true', 'false')), 'connector', new.connector_id,
        'network_whitelist', new.network_list, 'imei_lock', new.imei_lock, 'tags', json(new.tags),
        'data_limit', json_object('total', coalesce(new.data_limit ->> 'total', 10000000000), 'alert_threshold', new.data_limit ->> 'alert_threshold'),
        'technologies', json(coalesce(new.technologies, '{"sms":true,"2g_3g":true,"4g":true}')), 'iccid', new.iccid,
        'imsi', new.imsi, 'msisdn', new.msisdn, 'ipv4', new.ipv4, 'eid', new.eid));
END;
--> statement-breakpoint
DROP TRIGGER sims_changed_audited;
--> statement-breakpoint
CREATE TRIGGER sims_changed_audited AFTER UPDATE OF alias, active, connector_id, network_list, imei_lock, tags, data_limit, technologies, iccid, imsi, msisdn, ipv4, eid
ON sims WHEN EXISTS (SELECT 1 FROM audit_context)
BEGIN
  INSERT INTO audited (account_id, action, subject, sim_id, before, after)
  VALUES (old.account_id, 'sim.changed', old.id, old.id,
    json_object('label', old.alias, 'activated', json(iif(old.active, 'true', 'false')), 'connector', old.connector_id,
        'network_whitelist', old.network_list, 'imei_lock', old.imei_lock, 'tags', json(old.tags),
        'data_limit', json_object('total', coalesce(old.data_limit ->> 'total', 10000000000), 'alert_threshold', old.data_limit ->> 'alert_threshold'),
        'technologies', json(coalesce(old.technologies, '{"sms":true,"2g_3g":true,"4g":true}')), 'iccid', old.iccid,
        'imsi', old.imsi, 'msisdn', old.msisdn, 'ipv4', old.ipv4, 'eid', old.eid),
    json_object('label', new.alias, 'activated', json(iif(new.active, 'true', 'false')), 'connector', new.connector_id,
        'network_whitelist', new.network_list, 'imei_lock', new.imei_lock, 'tags', json(new.tags),
        'data_limit', json_object('total', coalesce(new.data_limit ->> 'total', 10000000000), 'alert_threshold', new.data_limit ->> 'alert_threshold'),
        'technologies', json(coalesce(new.technologies, '{"sms":true,"2g_3g":true,"4g":true}')), 'iccid', new.iccid,
        'imsi', new.imsi, 'msisdn', new.msisdn, 'ipv4', new.ipv4, 'eid', new.eid));
END;
--> statement-breakpoint
DROP TRIGGER sims_gone_audited;
--> statement-breakpoint
CREATE TRIGGER sims_gone_audited AFTER DELETE ON sims WHEN EXISTS (SELECT 1 FROM audit_context)
BEGIN
  INSERT INTO audited (account_id, action, subject, sim_id, before, after)
  VALUES (old.account_id, 'sim.deleted', old.id, old.id,
    json_object('label', old.alias, 'activated', json(iif(old.active, 'true', 'false')), 'connector', old.connector_id,
        'network_whitelist', old.network_list, 'imei_lock', old.imei_lock, 'tags', json(old.tags),
        'data_limit', json_object('total', coalesce(old.data_limit ->> 'total', 10000000000), 'alert_threshold', old.data_limit ->> 'alert_threshold'),
        'technologies', json(coalesce(old.technologies, '{"sms":true,"2g_3g":true,"4g":true}')), 'iccid', old.iccid,
        'imsi', old.imsi, 'msisdn', old.msisdn, 'ipv4', old.ipv4, 'eid', old.eid), NULL);
END;
--> statement-breakpoint
DROP TRIGGER sim_cards_issued_audited;
--> statement-breakpoint
CREATE TRIGGER sim_cards_issued_audited AFTER INSERT ON sim_cards WHEN EXISTS (SELECT 1 FROM audit_context)
BEGIN
  INSERT INTO audited (account_id, action, subject, sim_id, before, after)
  VALUES (new.account_id, 'card.issued', new.id, new.id, NULL,
    json_object('iccid', new.iccid, 'imsi', new.imsi, 'msisdn', new.msisdn, 'ipv4', new.ipv4, 'eid', new.eid));
END;
--> statement-breakpoint
DROP TRIGGER sim_cards_replaced_audited;
--> statement-breakpoint
CREATE TRIGGER sim_cards_replaced_audited AFTER UPDATE OF iccid, imsi, msisdn, ipv4, eid
ON sim_cards WHEN EXISTS (SELECT 1 FROM audit_context) AND old.account_id = new.account_id
BEGIN
  INSERT INTO audited (account_id, action, subject, sim_id, before, after)
  VALUES (old.account_id, 'card.issued', old.id, old.id,
    json_object('iccid', old.iccid, 'imsi', old.imsi, 'msisdn', old.msisdn, 'ipv4', old.ipv4, 'eid', old.eid),
    json_object('iccid', new.iccid, 'imsi', new.imsi, 'msisdn', new.msisdn, 'ipv4', new.ipv4, 'eid', new.eid));
END;
--> statement-breakpoint
DROP TRIGGER sim_cards_moved_audited;
--> statement-breakpoint
CREATE TRIGGER sim_cards_moved_audited AFTER UPDATE OF account_id
ON sim_cards WHEN EXISTS (SELECT 1 FROM audit_context) AND old.account_id <> new.account_id
BEGIN
  INSERT INTO audited (account_id, action, subject, sim_id, before, after)
  VALUES (old.account_id, 'card.withdrawn', old.id, old.id,
    json_object('iccid', old.iccid, 'imsi', old.imsi, 'msisdn', old.msisdn, 'ipv4', old.ipv4, 'eid', old.eid), NULL);
  INSERT INTO audited (account_id, action, subject, sim_id, before, after)
  VALUES (new.account_id, 'card.issued', new.id, new.id, NULL,
    json_object('iccid', new.iccid, 'imsi', new.imsi, 'msisdn', new.msisdn, 'ipv4', new.ipv4, 'eid', new.eid));
END;
