import { USAGE_PREFIX } from '../../contracts/names.ts';
import type { Key } from './keys.ts';

/**
 * The only builder of the lineage table's keys for what clients used of models.
 *
 * | Access pattern                     | Key condition                                        | Function        |
 * |------------------------------------|------------------------------------------------------|-----------------|
 * | usage of a model on some days      | pk = usage#M, sk between day#FROM# and day#TO#~      | list            |
 * | one count                          | pk = usage#M, sk = day#DAY#NNNNNNNNNN#CLIENT         | raise           |
 * | until when captures are counted    | pk = usage#M, sk = counted-until                     | countedUntilMs  |
 */

const VERSION_DIGITS = 10;

export const usagePartition = (model: string): string => `${USAGE_PREFIX}${model}`;

export const usageKey = (
  model: string,
  { day, version, client }: { readonly day: string; readonly version: number; readonly client: string },
): Key => ({
  pk: usagePartition(model),
  sk: `day#${day}#${String(version).padStart(VERSION_DIGITS, '0')}#${client}`,
});

/** Sort keys before and behind all of these days. */
export const usageDays = (from: string, to: string): readonly [first: string, last: string] => [
  `day#${from}#`,
  `day#${to}#~`,
];

export const countedUntilKey = (model: string): Key => ({ pk: usagePartition(model), sk: 'counted-until' });
