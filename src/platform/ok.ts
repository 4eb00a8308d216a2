/** What a call answers that has nothing to say. */
export const OK = { message: "OK" } as const;
