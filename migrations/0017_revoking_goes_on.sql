-- By hand: a spent budget of the audit log refuses no transaction that only revokes keys, so that a leaked key can be ended.
DROP TRIGGER audit_bytes_counted;
--> statement-breakpoint
-- At the end of a transaction: the bytes that it wrote to the log of the account whose key acts. A budget that is spent
-- undoes the whole transaction. 250 bytes stand for what an entry holds besides its fields.
CREATE TRIGGER audit_bytes_counted BEFORE DELETE ON audit_context
WHEN EXISTS (SELECT 1 FROM audit_log WHERE account_id = old.account_id AND seq > old.seq)
BEGIN
  INSERT INTO account_use (account_id, audit_hour, audit_bytes)
  SELECT old.account_id, old.at / 3600000,
    sum(coalesce(octet_length(before), 0) + coalesce(octet_length(after), 0) + 250)
  FROM audit_log WHERE account_id = old.account_id AND seq > old.seq
  ON CONFLICT (account_id) DO UPDATE SET
    audit_bytes = iif(excluded.audit_hour > audit_hour, 0, audit_bytes) + excluded.audit_bytes,
    audit_hour = max(audit_hour, excluded.audit_hour);
  SELECT RAISE(ABORT, 'the budget of the audit log is spent')
  FROM account_use WHERE account_id = old.account_id AND audit_bytes > old.most_bytes
    AND EXISTS (SELECT 1 FROM audit_log WHERE account_id = old.account_id AND seq > old.seq AND action <> 'key.revoked');
END;
