/** What a call may see and change: an account's things, and where it has `tags` only what carries one of them. */
export interface Access {
  accountId: string;
  /** Ids of tags; none of them: nothing. null: all of the account's. */
  tags: readonly string[] | null;
}

/** All of an account, for what the system itself does. */
export function allOf(accountId: string): Access {
  return { accountId, tags: null };
}
