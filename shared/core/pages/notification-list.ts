import { type Cell, renderTable, renderText, timeOf } from '../reports/index.ts';

/** What people were told of a model, as far as a page tells it. */
export interface ToldNotification {
  readonly id: string;
  readonly severity: string;
  readonly title: string;
  readonly openedAtMs: number;
  /** Absent while it goes on. */
  readonly overAtMs?: number;
  readonly tellings: readonly { readonly target: string; readonly status: 'pending' | 'told' | 'failed' | 'dropped' }[];
  readonly acknowledged?: { readonly by: string; readonly atMs: number; readonly note: string };
}

const rowOf = (one: ToldNotification): readonly Cell[] => {
  const { severity, title, openedAtMs, overAtMs, tellings, acknowledged } = one;
  const failed = tellings.filter(({ status }) => status === 'failed').length;
  const reached = tellings.filter(({ status }) => status === 'told').length;
  return [
    title,
    severity,
    timeOf(openedAtMs),
    overAtMs === undefined ? 'goes on' : timeOf(overAtMs),
    `${reached} told${failed === 0 ? '' : `, ${failed} not reached`}`,
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
