import type { Filter, OrderBy } from '../search.ts';
import {
  ATTRIBUTE_PREFIXES,
  ascending,
  attributesOf,
  descending,
  type EntityTable,
  type FieldRule,
  NUMBER_RULE,
  orderAttributesOf,
  TAG_PREFIXES,
  TEXT_RULE,
} from './entity-table.ts';
import { parseFilter } from './parse-filter.ts';
import { parseOrderBy } from './parse-order-by.ts';

/** MLflow knows no NOT IN here. */
const RUN_ID_RULE: FieldRule = { ...TEXT_RULE, comparators: [...TEXT_RULE.comparators, 'IN'], lists: 'lower-case' };

const MODEL_VERSIONS: EntityTable = {
  prefixes: { ...ATTRIBUTE_PREFIXES, ...TAG_PREFIXES },
  attributes: attributesOf(
    [TEXT_RULE, 'name'],
    [NUMBER_RULE, 'version_number'],
    [RUN_ID_RULE, 'run_id'],
    [TEXT_RULE, 'source_path'],
  ),
  keyed: { tag: TEXT_RULE },
  orderAttributes: orderAttributesOf(
    ['name'],
    ['version_number'],
    ['creation_timestamp'],
    ['last_updated_timestamp', 'timestamp'],
  ),
  orderKinds: [],
  ties: [ascending('name'), descending('version_number')],
  defaultOrder: [descending('last_updated_timestamp')],
};

export const parseModelVersionFilter = (text: string | undefined): Filter => parseFilter(MODEL_VERSIONS, text);
export const parseModelVersionOrderBy = (list: readonly string[]): readonly OrderBy[] =>
  parseOrderBy(MODEL_VERSIONS, list);
