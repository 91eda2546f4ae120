import { type Key, nameHome } from './keys.ts';

/**
 * The only builder of key strings in the audit table.
 *
 * | Access pattern           | Key condition                                    | Function    |
 * |--------------------------|--------------------------------------------------|-------------|
 * | a model's records        | pk = chain#M, sk begins with record#             | listRecords |
 * | a record                 | pk = chain#M, sk = record#NNNNNNNNNNNN           | getRecord   |
 * | the head of a chain      | pk = chains, sk = M                              | append      |
 * | the heads of all chains  | pk = chains                                      | listHeads   |
 * | the newest record about  | pk = versions#HOME, sk = NNNNNNNNNN              | readVersionEvidence |
 * |   a version of a home    |                                                  |             |
 *
 * All heads share a partition: decisions about models are rare, and a list of chains needs no other item.
 */

const SEQ_DIGITS = 12;
const VERSION_DIGITS = 10;
const RECORD = /^record#(\d{12})$/;

const MODEL_PREFIX = 'model#';

/** What a model's chain is called: its name, behind that of its workspace where that is not the default one. */
export const chainName = (model: string, workspace: string): string =>
  nameHome(model, workspace).slice(MODEL_PREFIX.length);

export const HEADS_PARTITION = 'chains';
export const chainPartition = (model: string): string => `chain#${model}`;
export const headKey = (model: string): Key => ({ pk: HEADS_PARTITION, sk: model });
export const recordKey = (model: string, seq: number): Key => ({
  pk: chainPartition(model),
  sk: `record#${String(seq).padStart(SEQ_DIGITS, '0')}`,
});

export const versionMarkerKey = (home: string, number: number): Key => ({
  pk: `versions#${home}`,
  sk: String(number).padStart(VERSION_DIGITS, '0'),
});

/** The number in a record's sort key; 0, where no record can stand, for a key of another form. */
export const seqOfSortKey = (sk: string): number => Number(RECORD.exec(sk)?.[1] ?? 0);
