import type { Key } from './keys.ts';

/**
 * The only builder of the registry table's keys for what is noted, measured and collected of versions.
 *
 * | Access pattern                     | Key condition                                    | Function    |
 * |------------------------------------|--------------------------------------------------|-------------|
 * | what is marked as garbage          | pk = garbage                                     | list        |
 * | one mark                           | pk = garbage, sk = PREFIX                        | mark        |
 * | scores of a model's versions       | pk = HOME, sk begins with evaluation#            | matrix      |
 * | scores of a version                | pk = HOME, sk begins with evaluation#NNNNNNNNNN# | list        |
 * | a version's score on a dataset     | pk = HOME, sk = evaluation#NNNNNNNNNN#DATASET    | put         |
 * | comments on a version, oldest first| pk = HOME, sk begins with comment#NNNNNNNNNN#    | list        |
 * | whether a comment was made         | pk = HOME, sk = comment-id#NNNNNNNNNN#ID         | add         |
 *
 * HOME is where a model keeps its versions, as in `keys.ts`.
 */

const VERSION_DIGITS = 10;
const TIME_DIGITS = 15;
const padded = (value: number, digits: number): string => String(value).padStart(digits, '0');

export const GARBAGE_PARTITION = 'garbage';
export const garbageKey = (prefix: string): Key => ({ pk: GARBAGE_PARTITION, sk: prefix });

export const EVALUATION_PREFIX = 'evaluation#';
export const evaluationPrefix = (version: number): string => `${EVALUATION_PREFIX}${padded(version, VERSION_DIGITS)}#`;
export const evaluationKey = (home: string, version: number, dataset: string): Key => ({
  pk: home,
  sk: `${evaluationPrefix(version)}${dataset}`,
});

/** Says at which time the comment of an id stands. */
export const commentIdKey = (home: string, version: number, id: string): Key => ({
  pk: home,
  sk: `comment-id#${padded(version, VERSION_DIGITS)}#${id}`,
});
export const commentPrefix = (version: number): string => `comment#${padded(version, VERSION_DIGITS)}#`;
export const commentKey = (home: string, version: number, comment: { atMs: number; id: string }): Key => ({
  pk: home,
  sk: `${commentPrefix(version)}${padded(comment.atMs, TIME_DIGITS)}#${comment.id}`,
});
