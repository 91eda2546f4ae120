import type { Filter, OrderBy } from '../search.ts';
import {
  ATTRIBUTE_PREFIXES,
  ascending,
  attributesOf,
  descending,
  type EntityTable,
  LISTED_ID_RULE,
  METRIC_PREFIXES,
  NUMBER_RULE,
  orderAttributesOf,
  PARAM_PREFIXES,
  TAG_PREFIXES,
  TEXT_RULE,
} from './entity-table.ts';
import { parseFilter } from './parse-filter.ts';
import { parseOrderBy } from './parse-order-by.ts';

const RUN_NAME = ['run_name', 'run name', 'Run name', 'Run Name'] as const;
const START_TIME = ['start_time', 'created', 'Created'] as const;

/** Newest first. */
export const RUN_TIES: readonly OrderBy[] = [descending('start_time'), ascending('run_id')];

const RUNS: EntityTable = {
  prefixes: {
    ...METRIC_PREFIXES,
    ...PARAM_PREFIXES,
    ...TAG_PREFIXES,
    ...ATTRIBUTE_PREFIXES,
    run: 'attribute',
    dataset: 'dataset',
    datasets: 'dataset',
  },
  attributes: {
    ...attributesOf(
      [LISTED_ID_RULE, 'run_id'],
      [TEXT_RULE, ...RUN_NAME],
      [TEXT_RULE, 'status'],
      [TEXT_RULE, 'artifact_uri'],
      [TEXT_RULE, 'user_id'],
      [NUMBER_RULE, ...START_TIME],
      [NUMBER_RULE, 'end_time'],
    ),
    'dataset.name': { field: { kind: 'dataset', key: 'name' }, rule: LISTED_ID_RULE },
    'dataset.digest': { field: { kind: 'dataset', key: 'digest' }, rule: LISTED_ID_RULE },
    'dataset.context': { field: { kind: 'dataset', key: 'context' }, rule: LISTED_ID_RULE },
  },
  keyed: { metric: NUMBER_RULE, param: TEXT_RULE, tag: TEXT_RULE },
  orderAttributes: orderAttributesOf(
    START_TIME,
    ['end_time'],
    ['status'],
    RUN_NAME,
    ['artifact_uri'],
    ['user_id'],
    ['run_id'],
  ),
  orderKinds: ['metric', 'param', 'tag'],
  ties: RUN_TIES,
};

export const parseRunFilter = (text: string | undefined): Filter => parseFilter(RUNS, text);
export const parseRunOrderBy = (list: readonly string[]): readonly OrderBy[] => parseOrderBy(RUNS, list);
