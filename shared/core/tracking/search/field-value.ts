import type { Field } from '../search.ts';

/** What an entity has in a field; a run's datasets are several, and one that matches is enough. */
export type FieldValue = number | string | readonly string[] | undefined;

/** Metrics of one dataset only; of logged models. */
export interface DatasetChoice {
  readonly datasetName?: string;
  readonly datasetDigest?: string;
}

/** Reads a field of one kind of entity. */
export type ReadField<Entity> = (entity: Entity, field: Field, dataset?: DatasetChoice) => FieldValue;

/**
 * Texts by code points, which is also the order of their UTF-8 bytes and so that of a store's keys. (`<` compares UTF-16
 * units, and puts U+10000 and above before U+E000.)
 */
export const compareTexts = (a: string, b: string): number => {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const x = a.charCodeAt(at);
    const y = b.charCodeAt(at);
    if (x !== y) return rankOfUnit(x) - rankOfUnit(y);
  }
  return a.length - b.length;
};

/** Surrogates stand for the code points above all others. */
const rankOfUnit = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);
