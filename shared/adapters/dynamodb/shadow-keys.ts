import { SHADOW_PREFIX } from '../../contracts/names.ts';
import type { Key } from './keys.ts';

/**
 * Keys of the days of paired comparisons, in the registry's table.
 *
 * | Access pattern        | Index    | Key condition                                                        | Function |
 * |-----------------------|----------|----------------------------------------------------------------------|----------|
 * | a pair's days, oldest | registry | pk = shadow#M, sk begins with version#NNNNNNNNNN#against#NNNNNNNNNN# | list     |
 */

interface Pair {
  readonly model: string;
  readonly challenger: number;
  readonly champion: number;
}

const padded = (version: number): string => String(version).padStart(10, '0');

export const shadowPartition = (model: string): string => `${SHADOW_PREFIX}${model}`;
export const shadowPrefix = ({ challenger, champion }: Pair): string =>
  `version#${padded(challenger)}#against#${padded(champion)}#`;
export const shadowDayKey = (pair: Pair, day: string): Key => ({
  pk: shadowPartition(pair.model),
  sk: `${shadowPrefix(pair)}${day}`,
});
