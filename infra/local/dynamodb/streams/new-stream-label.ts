import { streamArn } from '../describe-table.ts';
import type { Engine } from '../engine.ts';

/**
 * What tells a new stream from the earlier ones of its table: the time, to the millisecond. Where time stands still a
 * stream may follow another in the same one: it takes the next that is free.
 */
export const newStreamLabel = ({ identity, storage, nowMs }: Engine, tableName: string): string => {
  for (let atMs = nowMs(); ; atMs += 1) {
    const label = new Date(atMs).toISOString().replace('Z', '');
    const arn = streamArn(identity, { name: tableName, stream: { label } });
    if (arn !== undefined && storage.streams.find(arn) === undefined) return label;
  }
};
