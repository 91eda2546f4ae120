import type { Filter, OrderBy } from '../search.ts';
import {
  ATTRIBUTE_PREFIXES,
  ascending,
  attributesOf,
  type EntityTable,
  orderAttributesOf,
  TAG_PREFIXES,
  TEXT_RULE,
} from './entity-table.ts';
import { parseFilter } from './parse-filter.ts';
import { parseOrderBy } from './parse-order-by.ts';

const REGISTERED_MODELS: EntityTable = {
  prefixes: { ...ATTRIBUTE_PREFIXES, ...TAG_PREFIXES },
  attributes: attributesOf([TEXT_RULE, 'name']),
  keyed: { tag: TEXT_RULE },
  orderAttributes: orderAttributesOf(['name'], ['creation_timestamp'], ['last_updated_timestamp', 'timestamp']),
  orderKinds: [],
  ties: [ascending('name')],
};

export const parseRegisteredModelFilter = (text: string | undefined): Filter => parseFilter(REGISTERED_MODELS, text);
export const parseRegisteredModelOrderBy = (list: readonly string[]): readonly OrderBy[] =>
  parseOrderBy(REGISTERED_MODELS, list);
