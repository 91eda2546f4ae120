import type { Filter, OrderBy } from '../search.ts';
import {
  ATTRIBUTE_PREFIXES,
  attributesOf,
  descending,
  type EntityTable,
  NUMBER_RULE,
  orderAttributesOf,
  TAG_PREFIXES,
  TEXT_RULE,
} from './entity-table.ts';
import { parseFilter } from './parse-filter.ts';
import { parseOrderBy } from './parse-order-by.ts';

const EXPERIMENTS: EntityTable = {
  prefixes: { ...ATTRIBUTE_PREFIXES, ...TAG_PREFIXES },
  attributes: attributesOf([TEXT_RULE, 'name'], [NUMBER_RULE, 'creation_time'], [NUMBER_RULE, 'last_update_time']),
  keyed: { tag: TEXT_RULE },
  orderAttributes: orderAttributesOf(['name'], ['experiment_id'], ['creation_time'], ['last_update_time']),
  orderKinds: [],
  ties: [descending('experiment_id')],
  defaultOrder: [descending('creation_time')],
};

export const parseExperimentFilter = (text: string | undefined): Filter => parseFilter(EXPERIMENTS, text);
export const parseExperimentOrderBy = (list: readonly string[]): readonly OrderBy[] => parseOrderBy(EXPERIMENTS, list);
