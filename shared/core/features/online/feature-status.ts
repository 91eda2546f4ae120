import { MINUTE_MS } from '../../../kernel/time.ts';
import { type EntityValues, heldBy, type OnlineValue, type OnlineView } from './online-plan.ts';

/** Feast's words for how a feature was found. */
export type FeatureStatus = 'PRESENT' | 'NULL_VALUE' | 'NOT_FOUND' | 'OUTSIDE_MAX_AGE';

/** How the store answers for one entity of a view at an instant. */
export interface ViewReading {
  readonly status: 'PRESENT' | 'NOT_FOUND' | 'OUTSIDE_MAX_AGE';
  readonly eventAtMs?: number;
  readonly createdAtMs?: number;
  /** Of everything that the view holds; a value that the store lacks has no entry. */
  readonly values: ReadonlyMap<string, OnlineValue>;
}

const ABSENT: ViewReading = { status: 'NOT_FOUND', values: new Map() };

/** An item written by an older definition may lack what the view holds now: it is not found then. */
export const readingOf = (
  view: Pick<OnlineView, 'features' | 'attributes' | 'ttlMinutes'>,
  found: EntityValues | undefined,
  nowMs: number,
): ViewReading => {
  if (found === undefined) return ABSENT;
  const { eventAtMs, createdAtMs } = found;
  const names = heldBy(view).filter((name) => Object.hasOwn(found.values, name));
  const values = new Map(names.map((name) => [name, found.values[name] ?? null]));
  const tooOld = nowMs - eventAtMs > view.ttlMinutes * MINUTE_MS;
  const whole = values.size === heldBy(view).length;
  const status = tooOld ? 'OUTSIDE_MAX_AGE' : whole ? 'PRESENT' : 'NOT_FOUND';
  return { status, eventAtMs, createdAtMs, values };
};

/** Of one feature of a reading. */
export const featureStatus = ({ status, values }: ViewReading, name: string): FeatureStatus => {
  if (status === 'OUTSIDE_MAX_AGE') return status;
  const value = values.get(name);
  if (value === undefined) return 'NOT_FOUND';
  return value === null ? 'NULL_VALUE' : 'PRESENT';
};
