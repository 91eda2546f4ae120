import { type PictureStores, readPicture } from '../../shared/adapters/pages/read-picture.ts';
import { notificationPageKey } from '../../shared/contracts/notifications.ts';
import {
  type Lease,
  leasedElsewhere,
  leasedTo,
  type NotificationRecord,
  pictureOf,
  recordTold,
  renderNotification,
} from '../../shared/core/notifications/index.ts';
import { MOST_ATTEMPTS } from '../../shared/core/webhooks/index.ts';
import { UnavailableError } from '../../shared/kernel/errors.ts';
import { logLine } from '../../shared/kernel/log.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { NotificationStore } from '../../shared/ports/notification-store.ts';
import { createTellTarget, type TellDeps } from './tell-target.ts';

export interface TellPeopleDeps extends TellDeps, PictureStores {
  readonly store: NotificationStore;
  readonly data: Pick<ArtifactStore, 'get' | 'put'>;
}

/**
 * Tells everybody whom this invocation has in its hands, all at once, and notes what became of it. What was told before
 * is left alone.
 * @throws UnavailableError while somebody was not told yet, and when the last attempt failed: Lambda invokes again, and in
 * the end writes a dead letter.
 */
export const createTellPeople = (deps: TellPeopleDeps) => {
  const { store, data } = deps;
  const tell = createTellTarget(deps);
  return async (record: NotificationRecord, lease: Lease): Promise<number> => {
    const tellings = leasedTo(record, lease);
    if (tellings.length === 0) {
      if (!leasedElsewhere(record, lease)) return 0;
      throw new UnavailableError(`notification ${record.id} of ${record.model} is being told by another invocation`);
    }
    const picture = await readPicture(deps, record, pictureOf);
    // First: what is told refers to it.
    const page = new TextEncoder().encode(renderNotification(record, picture));
    await data.put(notificationPageKey(record.model, record.id), page, 'text/html; charset=utf-8');
    const results = await Promise.all(tellings.map((telling) => tell(record, telling, picture)));
    await store.change(record, (standing) => (standing?.id === record.id ? recordTold(standing, results) : undefined));
    const { id, model, subject } = record;
    for (const { target, round, status, attemptCount, errorMessage } of results) {
      const [to] = target.split(' ', 1);
      logLine(status === 'told' ? 'info' : 'warn', 'notification', {
        id,
        model,
        subject,
        to,
        round,
        status,
        attemptCount,
        errorMessage,
      });
    }
    const untold = results.filter(
      ({ status, attemptCount }) => status !== 'told' && (status === 'pending' || attemptCount >= MOST_ATTEMPTS),
    );
    if (untold.length > 0)
      throw new UnavailableError(`${untold.length} of ${results.length} targets could not be told yet`);
    return results.filter(({ status }) => status === 'told').length;
  };
};
