ALTER TABLE `accounts` ADD `tags` text DEFAULT '{}' NOT NULL;--> statement-breakpoint
-- By hand: the account's row has all of its tags, kept by triggers.
UPDATE accounts SET tags = coalesce((
    SELECT json_group_object(id, json_object('name', name, 'id', id, 'can_write', json('true'), 'color', color)) FROM tags
    WHERE tags.account_id = accounts.id), '{}');
--> statement-breakpoint
CREATE TRIGGER tags_made AFTER INSERT ON tags
BEGIN
  UPDATE accounts SET tags = coalesce((
    SELECT json_group_object(id, json_object('name', name, 'id', id, 'can_write', json('true'), 'color', color)) FROM tags
    WHERE tags.account_id = new.account_id), '{}')
  WHERE id = new.account_id;
END;
--> statement-breakpoint
CREATE TRIGGER tags_changed AFTER UPDATE ON tags
BEGIN
  UPDATE accounts SET tags = coalesce((
    SELECT json_group_object(id, json_object('name', name, 'id', id, 'can_write', json('true'), 'color', color)) FROM tags
    WHERE tags.account_id = new.account_id), '{}')
  WHERE id = new.account_id;
END;
--> statement-breakpoint
CREATE TRIGGER tags_gone AFTER DELETE ON tags
BEGIN
  UPDATE accounts SET tags = coalesce((
    SELECT json_group_object(id, json_object('name', name, 'id', id, 'can_write', json('true'), 'color', color)) FROM tags
    WHERE tags.account_id = old.account_id), '{}')
  WHERE id = old.account_id;
END;
--> statement-breakpoint
-- By hand: what SIMs that are there already are sorted by.
UPDATE sims SET (usage_month, usage_sorted) = (
  SELECT CAST(strftime('%Y%m', day * 86400, 'unixepoch') AS INTEGER), month_bytes FROM usage_days
  WHERE usage_days.account_id = sims.account_id AND usage_days.sim_id = sims.id
  ORDER BY day DESC, country_code DESC LIMIT 1)
WHERE EXISTS (SELECT 1 FROM usage_days WHERE usage_days.account_id = sims.account_id AND usage_days.sim_id = sims.id);
