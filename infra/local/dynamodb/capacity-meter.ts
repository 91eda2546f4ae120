import type { Buffer } from 'node:buffer';
import { channel } from 'node:diagnostics_channel';
import { AwsError, type CloudIdentity } from '../contracts.ts';
import { tableArn } from './describe-table.ts';
import { type IndexRecord, isLocal, type TableRecord } from './table-schema.ts';

/**
 * Throughput as DynamoDB limits it, in virtual time: 1,000 write units and 3,000 read units a second for one partition
 * key of a table or index, and a provisioned table's units, of which 300 seconds' worth are kept when unused.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
 *
 * A request is let in while anything is left, and may overdraw: what it costs is known afterwards. Where time stands
 * still nothing is refilled: a key that had its second's worth in one instant is throttled until time moves, which it
 * does by itself while callers wait for their retry. Scans and the on-demand quota of the whole table (40,000 units)
 * are not metered.
 */
export interface CapacityMeter {
  /** @throws AwsError ThrottlingException, for a provisioned table ProvisionedThroughputExceededException */
  spend(site: MeterSite, units: number): void;
}

export interface MeterSite {
  readonly operation: 'Read' | 'Write';
  readonly table: TableRecord;
  readonly index?: IndexRecord | undefined;
  readonly partition: Buffer;
}

/** Told of every spending that was let in, by whoever measures what calls cost: `SpentUnits`. */
export const SPENT_UNITS_CHANNEL = 'millrace:dynamodb:spent-units';

export interface SpentUnits {
  readonly operation: MeterSite['operation'];
  readonly units: number;
}

interface Bucket {
  left: number;
  atMs: number;
}

const KEY_UNITS = { Read: 3_000, Write: 1_000 } as const;
const BURST_SECONDS = 300;
const MAX_BUCKETS = 100_000;

const ON_DEMAND_MESSAGE =
  'Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or index so please try again shortly. If exceptions persist, check if you have a hot key: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html.';
const PROVISIONED_MESSAGE =
  'The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.';

type Limit = 'KeyRangeThroughputExceeded' | 'ProvisionedThroughputExceeded';

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ThrottlingReason.html */
const throttled = (identity: CloudIdentity, { operation, table, index }: MeterSite, limit: Limit): AwsError => {
  const arn = tableArn(identity, table.name);
  const resource = index === undefined ? arn : `${arn}/index/${index.name}`;
  const reasons = [{ reason: `${index ? 'Index' : 'Table'}${operation}${limit}`, resource }];
  return table.billingMode === 'PROVISIONED'
    ? new AwsError('ProvisionedThroughputExceededException', PROVISIONED_MESSAGE, 400, { ThrottlingReasons: reasons })
    : new AwsError('ThrottlingException', ON_DEMAND_MESSAGE, 400, { throttlingReasons: reasons });
};

/** True for the errors of this meter, whatever a batch or a transaction makes of them. */
export const isThrottling = (error: unknown): error is AwsError =>
  error instanceof AwsError && /^(ThrottlingException|ProvisionedThroughputExceededException)$/.test(error.code);

export const createCapacityMeter = (identity: CloudIdentity, nowMs: () => number): CapacityMeter => {
  const buckets = new Map<string, Bucket>();
  const spent = channel(SPENT_UNITS_CHANNEL);

  /** A bucket that was not used for long is full, and need not be remembered. */
  const forgetFull = (now: number): void => {
    if (buckets.size < MAX_BUCKETS) return;
    for (const [name, { atMs, left }] of buckets) {
      // Where time stands still none is full: those with most left go first, then all.
      if (now - atMs >= BURST_SECONDS * 1_000 || left > KEY_UNITS.Write / 2) buckets.delete(name);
    }
    if (buckets.size >= MAX_BUCKETS) buckets.clear();
  };

  const take = (
    name: string,
    bucket: { perSecond: number; capacity: number; initial: number },
    units: number,
  ): boolean => {
    const now = nowMs();
    const known = buckets.get(name);
    const earned = known === undefined ? bucket.initial : known.left + ((now - known.atMs) * bucket.perSecond) / 1_000;
    const left = Math.min(bucket.capacity, earned);
    if (left <= 0) return false;
    if (known === undefined) {
      forgetFull(now);
      buckets.set(name, { left: left - units, atMs: now });
    } else {
      known.left = left - units;
      known.atMs = now;
    }
    return true;
  };

  const takeProvisioned = ({ operation, table, index }: MeterSite, units: number): boolean => {
    const owner = index ?? table;
    const throughput = owner.throughput;
    if (table.billingMode !== 'PROVISIONED' || throughput === undefined) return true;
    const perSecond = operation === 'Read' ? throughput.readUnits : throughput.writeUnits;
    const ageSeconds = Math.max(0, (nowMs() - table.createdAtMs) / 1_000);
    const initial = perSecond * Math.min(BURST_SECONDS, 1 + ageSeconds);
    return take(`${operation}:${owner.storageId}`, { perSecond, capacity: perSecond * BURST_SECONDS, initial }, units);
  };

  return {
    spend: (given, units) => {
      // A local index lies in the partitions of its table, and shares what they have.
      const site = given.index && isLocal(given.index) ? { ...given, index: undefined } : given;
      if (!takeProvisioned(site, units)) throw throttled(identity, site, 'ProvisionedThroughputExceeded');
      const perSecond = KEY_UNITS[site.operation];
      const { storageId } = site.index ?? site.table;
      const name = `${site.operation}:${storageId}:${site.partition.toString('latin1')}`;
      if (!take(name, { perSecond, capacity: perSecond, initial: perSecond }, units)) {
        throw throttled(identity, site, 'KeyRangeThroughputExceeded');
      }
      if (spent.hasSubscribers) spent.publish({ operation: site.operation, units } satisfies SpentUnits);
    },
  };
};

/** For measurements of the engine alone. */
export const NO_METER: CapacityMeter = { spend: () => {} };
