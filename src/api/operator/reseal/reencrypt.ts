import { type EncryptionKeys, open, seal, tagOf } from "../../../platform/crypto";

/** A row's secrets under the first key. */
export interface Anew<Row> {
  row: Row;
  /** Whether one opens with no key: it stays as it was, and what else the row has does not wait for it. */
  unreadable: boolean;
}

/** Seals one secret of a row after the other, and knows whether all of them opened. */
export function sealingAnew(keys: EncryptionKeys) {
  let unreadable = false;
  return {
    unreadable: () => unreadable,
    async again(place: string, sealed: string): Promise<string> {
      if (sealed.startsWith(await tagOf(keys[0]))) return sealed;
      try {
        return await seal(keys, place, await open(keys, place, sealed));
      } catch {
        unreadable = true;
        return sealed;
      }
    },
  };
}
