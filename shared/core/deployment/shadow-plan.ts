import { DAY_MS, HOUR_MS, utcDay } from '../../kernel/time.ts';
import { isPackaged, type ModelVersion, type PackagedVersion } from '../registry/index.ts';

/** What Firehose buffers or tries again arrives within it. */
export const CAPTURE_GRACE_MS = HOUR_MS;

/**
 * The version that is compared with the champion: the newest that came after it, is in use, and is approved or waits for
 * an approval. @param versions newest first.
 */
export const chooseChallenger = (versions: readonly ModelVersion[], champion: number): PackagedVersion | undefined =>
  versions
    .filter(isPackaged)
    .find(
      ({ version, status, lifecycle }) =>
        version > champion && lifecycle === undefined && (status === 'APPROVED' || status === 'PENDING_APPROVAL'),
    );

/** When a day's labels count as complete: what is received later belongs to no comparison. */
export const labelsCloseAtMs = (day: string, labelDelayDays: number): number =>
  Date.parse(day) + (1 + labelDelayDays) * DAY_MS;

/** Days that are looked at for a pair at most, however few of them count. */
const MOST_DAYS = 366;

type Trained = Pick<PackagedVersion, 'trainedThroughMs' | 'registeredAtMs'>;

/**
 * The first instant of a pair's comparison: no version has learnt from what comes after it. Of a challenger that knows
 * nothing new, what was captured long before it was registered says less of it than what comes.
 */
export const shadowStartMs = (challenger: Trained, champion: Trained, mostDays: number): number => {
  const learntMs = Math.max(challenger.trainedThroughMs, champion.trainedThroughMs);
  const recentMs = challenger.registeredAtMs - mostDays * DAY_MS;
  return Math.ceil(Math.max(learntMs, recentMs) / DAY_MS) * DAY_MS;
};

/** Days from then on whose labels were complete, and all captures there, when the comparison was due; oldest first. */
export const shadowDays = ({
  fromMs,
  dueMs,
  labelDelayDays,
}: {
  readonly fromMs: number;
  readonly dueMs: number;
  readonly labelDelayDays: number;
}): readonly string[] => {
  const days: string[] = [];
  for (let dayMs = fromMs; days.length < MOST_DAYS; dayMs += DAY_MS) {
    const day = utcDay(dayMs);
    if (labelsCloseAtMs(day, labelDelayDays) + CAPTURE_GRACE_MS > dueMs) break;
    days.push(day);
  }
  return days;
};
