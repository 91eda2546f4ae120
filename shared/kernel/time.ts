export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** The UTC day that holds an instant, as `YYYY-MM-DD`. */
export const utcDay = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

/** The instant as ISO 8601 in UTC, for the edges of the system. */
export const isoTime = (atMs: number): string => new Date(atMs).toISOString();

/** The minute that holds an instant, as sentences tell it: `2001-02-18 06:00 UTC`. */
export const tellMinute = (atMs: number): string => `${isoTime(atMs).slice(0, 16).replace('T', ' ')} UTC`;
