import type { NotificationRecord } from '../../core/notifications/index.ts';
import type { NotificationStore } from '../../ports/notification-store.ts';

export const createMemoryNotificationStore = (): NotificationStore => {
  const current = new Map<string, NotificationRecord>();
  const past: NotificationRecord[] = [];
  return {
    change: async ({ model, subject }, decide) => {
      const key = `${model}/${subject}`;
      const standing = current.get(key);
      const next = decide(standing);
      if (next === undefined || next === standing) return standing;
      if (standing !== undefined && standing.id !== next.id) past.push(standing);
      current.set(key, next);
      return next;
    },
    list: async (model) =>
      [...current.values(), ...past]
        .filter((record) => record.model === model)
        .toSorted((a, b) => b.openedAtMs - a.openedAtMs),
  };
};
