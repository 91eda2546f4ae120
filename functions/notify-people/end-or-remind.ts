import {
  endEpisode,
  type Lease,
  type NotificationRecord,
  type NotificationTarget,
  remind,
} from '../../shared/core/notifications/index.ts';
import type { NotificationStore } from '../../shared/ports/notification-store.ts';
import type { Happening } from './read-happening.ts';

interface Deps {
  readonly store: NotificationStore;
  readonly targetsOf: (model: string) => readonly NotificationTarget[];
  readonly tellPeople: (record: NotificationRecord, lease: Lease) => Promise<number>;
}

type Day = Extract<Happening, { readonly kind: 'day' }>;

/** Subjects that the daily checks say to go on or not; alarms say it of theirs. */
const CHECKED_DAILY: readonly string[] = ['drift', 'quality', 'tests'];

/** When a model's day was checked: what is over ends, and of what goes on people are reminded. */
export const createEndOrRemind =
  ({ store, targetsOf, tellPeople }: Deps) =>
  async ({ model, open, atMs }: Day, lease: Lease): Promise<number> => {
    const going = (await store.list(model)).filter(({ overAtMs }) => overAtMs === undefined);
    let toldCount = 0;
    for (const { subject } of going) {
      const isOver = CHECKED_DAILY.includes(subject) && !open.includes(subject);
      const record = await store.change({ model, subject }, (standing) => {
        if (standing === undefined || standing.overAtMs !== undefined) return undefined;
        return isOver ? endEpisode(standing, atMs) : remind(standing, targetsOf(model), lease);
      });
      if (record !== undefined && !isOver) toldCount += await tellPeople(record, lease);
    }
    return toldCount;
  };
