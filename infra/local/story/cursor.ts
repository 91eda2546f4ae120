import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { noTraffic, type TrafficCounts } from './send-traffic.ts';

/** How far the traffic got: kept beside the cloud's state, so that a start after a kill goes on from here. */
export interface Cursor {
  /** End of the last span that was sent whole. */
  sentThroughMs: number;
  /** Answered predictions whose label is not known yet. */
  answered: Set<string>;
  totals: TrafficCounts;
}

export const readCursor = (file: string, beginsAtMs: number): Cursor => {
  try {
    const { sentThroughMs, answered, totals } = JSON.parse(readFileSync(file, 'utf8'));
    return { sentThroughMs, answered: new Set(answered), totals };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { sentThroughMs: beginsAtMs, answered: new Set(), totals: noTraffic() };
  }
};

/** Replaces the file whole: a kill leaves the old cursor or the new one. */
export const writeCursor = (file: string, { sentThroughMs, answered, totals }: Cursor): void => {
  const next = `${file}.next`;
  writeFileSync(next, JSON.stringify({ sentThroughMs, answered: [...answered], totals }));
  renameSync(next, file);
};
