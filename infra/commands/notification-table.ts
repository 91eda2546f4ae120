import type { NotificationRecord } from '../../shared/core/notifications/index.ts';
import { type ToldRecord, tellTellings } from '../../shared/core/reports/index.ts';
import { tellMinute } from '../../shared/kernel/time.ts';
import { textTable } from './text-table.ts';

/** A notification as the platform API shows it, as far as a command tells it. */
export type ShownNotification = ToldRecord &
  Pick<NotificationRecord, 'id' | 'title' | 'openedAtMs' | 'overAtMs' | 'once' | 'acknowledged'>;

/** How an episode stands. */
export const tellState = ({ overAtMs, once, acknowledged }: ShownNotification): string => {
  if (acknowledged !== undefined) return `acknowledged by ${acknowledged.by}: ${acknowledged.note}`;
  if (once === true) return 'happened';
  return overAtMs === undefined ? 'open' : `over since ${tellMinute(overAtMs)}`;
};

/** What people were told of a model, in the order given. */
export const notificationTable = (model: string, items: readonly ShownNotification[]): string => {
  if (items.length === 0) return `nobody was told anything of ${model} yet`;
  const rows = items.map((item) => [
    item.id,
    item.severity,
    tellMinute(item.openedAtMs),
    item.title,
    tellTellings(item),
    tellState(item),
  ]);
  return textTable([['ID', 'SEVERITY', 'SINCE', 'WHAT', 'TOLD', 'STATE'], ...rows]);
};
