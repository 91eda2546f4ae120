import { captureDayPrefix } from '../../shared/contracts/artifacts.ts';
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

/** A buffer of five MB every second of a day. */
const MOST_OBJECTS = 100_000;

/**
 * The days whose arrivals may hold predictions of the window: from the day before it, as an id that came then is no new
 * one, until now.
 */
export const arrivalDays = ({
  scheduledAtMs,
  windowDays,
  nowMs,
}: {
  readonly scheduledAtMs: number;
  readonly windowDays: number;
  readonly nowMs: number;
}): readonly string[] => {
  const fromMs = Math.floor(scheduledAtMs / DAY_MS) * DAY_MS - (windowDays + 1) * DAY_MS;
  const count = Math.floor((nowMs - fromMs) / DAY_MS) + 1;
  return Array.from({ length: count }, (_, i) => utcDay(fromMs + i * DAY_MS));
};

const pendingOfDay = async (
  data: Captures,
  { model, foldId, day }: { readonly model: string; readonly foldId: string; readonly day: string },
): Promise<readonly PendingHour[]> => {
  const prefix = captureDayPrefix(model, day);
  const objects = await data.list(prefix, MOST_OBJECTS);
  if (objects.length === 0) return [];
  const folded = foldedSources(await data.list(foldedPrefix(model, foldId, day), MOST_OBJECTS));
  const sizes = new Map<string, number>();
  for (const { key, etag, sizeBytes } of objects) {
    if (folded.has(key, etag)) continue;
    const hour = key.slice(prefix.length, prefix.length + 2);
    sizes.set(hour, (sizes.get(hour) ?? 0) + sizeBytes);
  }
  return [...sizes].map(([hour, sizeBytes]) => ({ day, hour, sizeBytes }));
};

/** The hours of these days that have something to fold, oldest first. */
export const pendingHours = async (
  data: Captures,
  { model, foldId, days }: { readonly model: string; readonly foldId: string; readonly days: readonly string[] },
): Promise<readonly PendingHour[]> =>
  (await Promise.all(days.map((day) => pendingOfDay(data, { model, foldId, day })))).flat();
