/**
 * What a search asks for, once its text is parsed: the conjunction of clauses, and the order. The same forms serve runs,
 * experiments, registered models, model versions, logged models and traces; which fields each has stands in its own
 * parser (`filter/`).
 */

export type Comparator = '=' | '!=' | '>' | '>=' | '<' | '<=' | 'LIKE' | 'ILIKE' | 'IN' | 'NOT IN';

/** Where a field lives. `attribute` keys are canonical (`start_time`, `run_name`, …). */
export type FieldKind = 'attribute' | 'metric' | 'param' | 'tag' | 'dataset' | 'metadata';

export interface Field {
  readonly kind: FieldKind;
  readonly key: string;
}

export interface Clause {
  readonly field: Field;
  readonly comparator: Comparator;
  /** A number for numeric fields, texts for IN and NOT IN, else a text. */
  readonly value: number | string | readonly string[];
}

export interface OrderBy {
  readonly field: Field;
  readonly ascending: boolean;
  /** Logged models only: metrics of this dataset. */
  readonly datasetName?: string;
  readonly datasetDigest?: string;
}

/** All clauses hold. */
export type Filter = readonly Clause[];

export type ViewType = 'ACTIVE_ONLY' | 'DELETED_ONLY' | 'ALL';
