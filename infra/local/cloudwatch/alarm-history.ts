import { DAY_MS } from '../../../shared/kernel/time.ts';
import type { ServiceContext } from '../contracts.ts';

interface HistoryItem {
  readonly alarmName: string;
  readonly alarmType: 'MetricAlarm' | 'CompositeAlarm';
  readonly atMs: number;
  readonly type: 'ConfigurationUpdate' | 'StateUpdate' | 'Action';
  readonly summary: string;
  /** JSON text. */
  readonly data: string;
}

export interface AlarmHistory {
  readonly add: (item: HistoryItem) => void;
  /** Oldest first. */
  readonly list: (alarmName: string | undefined) => readonly HistoryItem[];
  readonly deleteOf: (alarmName: string) => void;
}

const RETENTION_MS = 30 * DAY_MS;
const MAX_ITEMS_PER_ALARM = 500;

export const createAlarmHistory = ({ store, clock }: ServiceContext): AlarmHistory => {
  const table = store.table<HistoryItem>('cloudwatch.history');
  // Encoded, so that no alarm's name is the beginning of another's keys.
  const prefixOf = (alarmName: string): string => `${encodeURIComponent(alarmName)}|`;
  let sequence = 0;

  const prune = (alarmName: string): void => {
    const items = table.entries(prefixOf(alarmName));
    const tooMany = items.length - MAX_ITEMS_PER_ALARM;
    for (const [index, [key, item]] of items.entries()) {
      if (index >= tooMany && item.atMs >= clock.nowMs() - RETENTION_MS) return;
      table.delete(key);
    }
  };

  return {
    add: (item) => {
      sequence = (sequence + 1) % 1_000_000;
      const order = `${String(item.atMs).padStart(15, '0')}.${String(sequence).padStart(6, '0')}`;
      table.put(`${prefixOf(item.alarmName)}${order}`, item);
      prune(item.alarmName);
    },
    list: (alarmName) => table.entries(alarmName === undefined ? '' : prefixOf(alarmName)).map(([, item]) => item),
    deleteOf: (alarmName) => {
      for (const [key] of table.entries(prefixOf(alarmName))) table.delete(key);
    },
  };
};
