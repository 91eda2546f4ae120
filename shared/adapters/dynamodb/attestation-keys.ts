import type { Key } from './keys.ts';

/**
 * The only builder of the registry table's keys for what people vouch for.
 *
 * | Access pattern              | Key condition                               | Function |
 * |-----------------------------|---------------------------------------------|----------|
 * | the words on a model        | pk = HOME, sk begins with attestation#      | list     |
 * | the word on an item         | pk = HOME, sk = attestation#ITEM            | put      |
 *
 * HOME is where a model keeps its versions, as in `keys.ts`.
 */

export const ATTESTATION_PREFIX = 'attestation#';
export const attestationKey = (home: string, item: string): Key => ({ pk: home, sk: `${ATTESTATION_PREFIX}${item}` });
