import { InvalidRequestError } from '../../../kernel/errors.ts';
import type { Field, Filter, OrderBy } from '../search.ts';
import {
  ATTRIBUTE_PREFIXES,
  ascending,
  attributesOf,
  descending,
  type EntityTable,
  LISTED_TEXT_RULE,
  METRIC_PREFIXES,
  NUMBER_RULE,
  orderAttributesOf,
  PARAM_PREFIXES,
  TAG_PREFIXES,
} from './entity-table.ts';
import { parseFilter } from './parse-filter.ts';
import { completeOrder } from './parse-order-by.ts';

const CREATED = ['creation_timestamp', 'creation_time', 'creation_timestamp_ms'] as const;
const UPDATED = ['last_updated_timestamp', 'last_updated_time', 'last_updated_timestamp_ms'] as const;

const LOGGED_MODELS: EntityTable = {
  prefixes: { ...ATTRIBUTE_PREFIXES, ...METRIC_PREFIXES, ...PARAM_PREFIXES, ...TAG_PREFIXES },
  attributes: attributesOf(
    [LISTED_TEXT_RULE, 'name'],
    [LISTED_TEXT_RULE, 'model_id'],
    [LISTED_TEXT_RULE, 'model_type'],
    [LISTED_TEXT_RULE, 'status'],
    [LISTED_TEXT_RULE, 'source_run_id'],
    [NUMBER_RULE, ...CREATED],
    [NUMBER_RULE, ...UPDATED],
  ),
  keyed: { metric: NUMBER_RULE, param: LISTED_TEXT_RULE, tag: LISTED_TEXT_RULE },
  orderAttributes: orderAttributesOf(
    ['name'],
    ['model_id'],
    ['model_type'],
    ['status'],
    ['source_run_id'],
    CREATED,
    UPDATED,
  ),
  orderKinds: ['metric'],
  ties: [descending('creation_timestamp'), ascending('model_id')],
};

/** One order of a search for logged models, as it is asked for. */
export interface LoggedModelOrder {
  /** An attribute, or `metrics.<key>`: the key is taken as it is, without quotes. */
  readonly fieldName: string;
  readonly ascending?: boolean;
  readonly datasetName?: string;
  readonly datasetDigest?: string;
}

const fieldOf = (fieldName: string): Field => {
  const dot = fieldName.indexOf('.');
  if (dot >= 0) {
    const entity = fieldName.slice(0, dot);
    if (entity === 'metrics') return { kind: 'metric', key: fieldName.slice(dot + 1) };
    throw new InvalidRequestError(`Invalid order by field name: ${fieldName}, only \`metrics.<name>\` is allowed`);
  }
  const name = fieldName.trim();
  const known = LOGGED_MODELS.orderAttributes;
  const field = Object.hasOwn(known, name) ? known[name] : undefined;
  if (field === undefined) {
    throw new InvalidRequestError(
      `Invalid order by field name: ${fieldName}. Valid are ${Object.keys(known).join(', ')} and \`metrics.<name>\``,
    );
  }
  return field;
};

const orderOf = ({ fieldName, ascending: up = true, datasetName, datasetDigest }: LoggedModelOrder): OrderBy => {
  if (datasetDigest !== undefined && datasetName === undefined) {
    throw new InvalidRequestError('`dataset_digest` can only be specified if `dataset_name` is also specified.');
  }
  return {
    field: fieldOf(fieldName),
    ascending: up,
    ...(datasetName === undefined ? {} : { datasetName }),
    ...(datasetDigest === undefined ? {} : { datasetDigest }),
  };
};

export const parseLoggedModelFilter = (text: string | undefined): Filter => parseFilter(LOGGED_MODELS, text);

/** @throws InvalidRequestError for unknown names, a digest without a dataset, a field named twice. */
export const parseLoggedModelOrderBy = (list: readonly LoggedModelOrder[]): readonly OrderBy[] =>
  completeOrder(LOGGED_MODELS, list.map(orderOf));
