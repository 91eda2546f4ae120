import { type Cell, renderTable, renderText, type ToldRecord, tellTellings, timeOf } from '../reports/index.ts';

/** What people were told of a model, as far as a page tells it. */
export interface ToldNotification extends ToldRecord {
  readonly id: string;
  readonly title: string;
  readonly openedAtMs: number;
  /** Absent while it goes on. */
  readonly overAtMs?: number;
  readonly acknowledged?: { readonly by: string; readonly atMs: number; readonly note: string };
}

const rowOf = (one: ToldNotification): readonly Cell[] => {
  const { severity, title, openedAtMs, overAtMs, acknowledged } = one;
  return [
    title,
    severity,
    timeOf(openedAtMs),
    overAtMs === undefined ? 'goes on' : timeOf(overAtMs),
    tellTellings(one),
    acknowledged === undefined ? 'no' : `${acknowledged.by}, ${timeOf(acknowledged.atMs)}: ${acknowledged.note}`,
  ];
};

export const renderNotifications = (list: readonly ToldNotification[]): string =>
  list.length === 0
    ? renderText('Nobody was told anything.')
    : renderTable({
        label: 'Notifications, newest first',
        columns: ['what', 'severity', 'since', 'until', 'told', 'acknowledged'],
        rows: list.map(rowOf),
      });
