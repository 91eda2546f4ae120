import { hash } from 'node:crypto';
import type { Materialization } from '../../shared/ports/online-store.ts';

/** What a materialization was made from. */
export const digestOf = (inputs: unknown): string => hash('sha256', JSON.stringify(inputs));

/** Nothing arrived since, and nothing that had arrived became known: the values are what they were. */
export const stillHolds = (last: Materialization | undefined, inputsDigest: string, asOfMs: number): boolean =>
  last?.inputsDigest === inputsDigest && asOfMs < (last.nextKnownAtMs ?? Number.POSITIVE_INFINITY);
