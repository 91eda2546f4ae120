import type { DailyUsage } from '../../shared/core/metering/index.ts';
import { textTable } from './text-table.ts';

export interface ModelUsage extends DailyUsage {
  readonly model: string;
}

interface Options {
  /** A line for each day, rather than one for all of them. */
  readonly daily: boolean;
  /** Id of an API key → its client. */
  readonly clients: ReadonlyMap<string, string>;
}

const KEY = 'key:';

/** A key's client by name where it is known, anybody else as counted. */
export const clientName = (client: string, clients: Options['clients']): string =>
  (client.startsWith(KEY) ? clients.get(client.slice(KEY.length)) : undefined) ?? client;

/** Usage as lines of aligned columns, with the sum of all at the end. */
export const usageTable = (usage: readonly ModelUsage[], { daily, clients }: Options): string => {
  const sums = new Map<string, { readonly place: readonly string[]; requestCount: number; rowCount: number }>();
  let [requestCount, rowCount] = [0, 0];
  for (const one of usage) {
    const name = clientName(one.client, clients);
    const place = [...(daily ? [one.day] : []), name, one.model, String(one.version)];
    const key = JSON.stringify(place);
    const sum = sums.get(key) ?? { place, requestCount: 0, rowCount: 0 };
    sum.requestCount += one.requestCount;
    sum.rowCount += one.rowCount;
    sums.set(key, sum);
    requestCount += one.requestCount;
    rowCount += one.rowCount;
  }
  const rows = [...sums]
    .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
    .map(([, sum]) => [...sum.place, String(sum.requestCount), String(sum.rowCount)]);
  return textTable([
    [...(daily ? ['DAY'] : []), 'CLIENT', 'MODEL', 'VERSION', 'REQUESTS', 'ROWS'],
    ...rows,
    [...(daily ? [''] : []), 'all', '', '', String(requestCount), String(rowCount)],
  ]);
};
