/** Bytes that one page of a list has at most: an isolate's memory is shared by all requests that are in it. */
export const PAGE_BYTES = 4_000_000;
