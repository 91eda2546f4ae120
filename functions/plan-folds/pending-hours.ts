import { captureDayPrefix, capturePrefix } from '../../shared/contracts/artifacts.ts';
import { foldedPrefix, foldedSources } from '../../shared/contracts/monitoring-keys.ts';
import { DAY_MS, utcDay } from '../../shared/kernel/time.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';

export type Captures = Pick<ArtifactStore, 'list'>;

/** An hour of arrival that has objects which are not folded. */
export interface PendingHour {
  readonly day: string;
  /** 00 to 23. */
  readonly hour: string;
  /** Of what is pending, as stored. */
  readonly sizeBytes: number;
}

/** A buffer of five MB every second of ten days. */
const MOST_OBJECTS = 1_000_000;

/**
 * The first day whose arrivals may hold predictions of the window: the day before it, as an id that came then is no new one.
 */
export const firstArrivalDay = (scheduledAtMs: number, windowDays: number): string =>
  utcDay(Math.floor(scheduledAtMs / DAY_MS) * DAY_MS - (windowDays + 1) * DAY_MS);

/** `capture/<model>/YYYY/MM/DD/HH/…` */
const arrivalOf = (key: string, prefix: string): Pick<PendingHour, 'day' | 'hour'> => {
  const [year, month, date, hour = ''] = key.slice(prefix.length).split('/');
  return { day: `${year}-${month}-${date}`, hour };
};

/** The hours from this UTC day of arrival on that have something to fold, oldest first: two listings, whatever the days. */
export const pendingHours = async (
  data: Captures,
  { model, foldId, fromDay }: { readonly model: string; readonly foldId: string; readonly fromDay: string },
): Promise<readonly PendingHour[]> => {
  const objects = await data.list(capturePrefix(model), MOST_OBJECTS, captureDayPrefix(model, fromDay));
  if (objects.length === 0) return [];
  const markers = await data.list(foldedPrefix(model, foldId), MOST_OBJECTS, foldedPrefix(model, foldId, fromDay));
  const folded = foldedSources(markers);
  const hours = new Map<string, PendingHour>();
  for (const { key, etag, sizeBytes } of objects) {
    if (folded.has(key, etag)) continue;
    const arrival = arrivalOf(key, capturePrefix(model));
    const name = `${arrival.day} ${arrival.hour}`;
    hours.set(name, { ...arrival, sizeBytes: (hours.get(name)?.sizeBytes ?? 0) + sizeBytes });
  }
  return [...hours.values()];
};
