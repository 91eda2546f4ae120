import { utcDay } from '../../kernel/time.ts';
import { type Caller, clientOf } from './client-of.ts';

/** What metering reads of a captured prediction. */
export interface MeteredLine {
  readonly predictionId: string;
  readonly atMs: number;
  readonly version: number;
  /** Absent in older lines: each counts as a request of one row, of nobody known. */
  readonly request?: (Caller & { readonly id: string; readonly rowCount: number }) | undefined;
}

/** What one client had of one version of a model on one UTC day. */
export interface DailyUsage {
  /** `YYYY-MM-DD`, of the answers. */
  readonly day: string;
  readonly version: number;
  readonly client: string;
  readonly requestCount: number;
  /** Predictions: a request may have many rows. */
  readonly rowCount: number;
}

/**
 * Requests that were answered, each once however often its lines come: a line is told by its request and the instant of
 * the answer, which all lines of one answer share. A set, so neither order nor repetition of lines changes it.
 */
export interface MeteredRequests {
  add(line: MeteredLine): void;
  /** Days of which a request is known, earliest first. */
  days(): readonly string[];
  /** By day, version and client. */
  usageOf(days: ReadonlySet<string>): readonly DailyUsage[];
}

interface Counted {
  readonly day: string;
  readonly version: number;
  readonly client: string;
  requestCount: number;
  rowCount: number;
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

const byPlace = (a: DailyUsage, b: DailyUsage): number =>
  compare(a.day, b.day) || a.version - b.version || compare(a.client, b.client);

export const meteredRequests = (): MeteredRequests => {
  const seen = new Set<string>();
  const counts = new Map<string, Counted>();
  return {
    add: ({ predictionId, atMs, version, request }) => {
      const key = `${request?.id ?? predictionId} ${atMs}`;
      if (seen.has(key)) return;
      seen.add(key);
      const day = utcDay(atMs);
      const client = clientOf(request ?? {});
      const place = `${day} ${version} ${client}`;
      const counted = counts.get(place) ?? { day, version, client, requestCount: 0, rowCount: 0 };
      counted.requestCount += 1;
      counted.rowCount += request?.rowCount ?? 1;
      counts.set(place, counted);
    },
    days: () => [...new Set([...counts.values()].map(({ day }) => day))].sort(compare),
    usageOf: (days) =>
      [...counts.values()]
        .filter(({ day }) => days.has(day))
        .map((counted) => ({ ...counted }))
        .sort(byPlace),
  };
};
