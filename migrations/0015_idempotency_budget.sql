ALTER TABLE `account_use` ADD `idempotency_hour` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `account_use` ADD `idempotency_keys` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `account_use` ADD `idempotency_bytes` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
-- By hand: Idempotency-Keys of the hour.
CREATE TRIGGER idempotency_keys_counted AFTER INSERT ON idempotency_keys
BEGIN
  INSERT INTO account_use (account_id, idempotency_hour, idempotency_keys) VALUES (new.account_id, new.created_at / 3600000, 1)
  ON CONFLICT (account_id) DO UPDATE SET
    idempotency_keys = iif(excluded.idempotency_hour > idempotency_hour, 0, idempotency_keys) + 1,
    idempotency_bytes = iif(excluded.idempotency_hour > idempotency_hour, 0, idempotency_bytes),
    idempotency_hour = max(idempotency_hour, excluded.idempotency_hour);
END;
