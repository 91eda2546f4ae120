import { DAY_MS, MINUTE_MS } from '../../../shared/kernel/time.ts';

/** The story's calendar, UTC. All of it lies in the past of the data: only what was known at each instant is used. */
export const STORY = {
  model: 'flight-delay',
  /** January is over; the first training starts. */
  beginsAtMs: Date.UTC(2001, 1, 1),
  /** March's last flight has asked. */
  endsAtMs: Date.UTC(2001, 3, 1),
  /** Flights of the last day land on the days after; what becomes known later plays no part. */
  knownThroughMs: Date.UTC(2001, 3, 1) + 3 * DAY_MS,
  /** Departures and landings are sent in spans of this length. */
  spanMs: 60 * MINUTE_MS,
  months: [
    { month: '2001-02', fromMs: Date.UTC(2001, 1, 1), toMs: Date.UTC(2001, 2, 1) },
    { month: '2001-03', fromMs: Date.UTC(2001, 2, 1), toMs: Date.UTC(2001, 3, 1) },
  ],
} as const;
