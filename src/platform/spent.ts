/** What was asked of the database, as its own answers tell it. */
export interface Spent {
  roundTrips: number;
  rowsRead: number;
  rowsWritten: number;
}
