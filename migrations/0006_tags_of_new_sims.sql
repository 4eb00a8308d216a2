-- By hand. A SIM may carry tags from the start: a key that is limited to tags gives it its own.
CREATE TRIGGER sims_made_tagged AFTER INSERT ON sims WHEN new.tags <> '[]'
BEGIN
  INSERT INTO sim_tags SELECT new.account_id, value, new.id FROM json_each(new.tags) WHERE true ON CONFLICT DO NOTHING;
END;
--> statement-breakpoint
INSERT INTO sim_tags SELECT sims.account_id, value, sims.id FROM sims CROSS JOIN json_each(sims.tags) WHERE true ON CONFLICT DO NOTHING;
