import type { Filter, OrderBy } from '../search.ts';
import {
  ascending,
  attributesOf,
  descending,
  type EntityTable,
  LISTED_TEXT_RULE,
  NUMBER_RULE,
  orderAttributesOf,
  TAG_PREFIXES,
  TEXT_RULE,
} from './entity-table.ts';
import { parseFilter } from './parse-filter.ts';
import { parseOrderBy } from './parse-order-by.ts';

const TIMESTAMP = ['timestamp_ms', 'timestamp'] as const;
const EXECUTION_TIME = ['execution_time_ms', 'execution_time'] as const;
const END_TIME = ['end_time_ms', 'end_time'] as const;
/** The name of a trace is kept as a tag, its run as metadata. */
const NAME = { kind: 'tag', key: 'mlflow.traceName' } as const;
const RUN_ID = { kind: 'metadata', key: 'mlflow.sourceRun' } as const;

/** Spans and assessments are no fields of it: their values are not indexed and a search by them is refused. */
const TRACES: EntityTable = {
  prefixes: {
    attribute: 'attribute',
    attributes: 'attribute',
    trace: 'attribute',
    ...TAG_PREFIXES,
    metadata: 'metadata',
    request_metadata: 'metadata',
  },
  attributes: {
    ...attributesOf(
      [LISTED_TEXT_RULE, 'request_id'],
      [LISTED_TEXT_RULE, 'status'],
      [LISTED_TEXT_RULE, 'client_request_id'],
      [NUMBER_RULE, ...TIMESTAMP],
      [NUMBER_RULE, ...EXECUTION_TIME],
      [NUMBER_RULE, ...END_TIME],
    ),
    name: { field: NAME, rule: LISTED_TEXT_RULE },
    run_id: { field: RUN_ID, rule: LISTED_TEXT_RULE },
  },
  keyed: { tag: TEXT_RULE, metadata: TEXT_RULE },
  orderAttributes: {
    ...orderAttributesOf(TIMESTAMP, EXECUTION_TIME, END_TIME, ['status'], ['request_id'], ['experiment_id']),
    name: NAME,
    run_id: RUN_ID,
  },
  orderKinds: ['tag', 'metadata'],
  ties: [descending('timestamp_ms'), ascending('request_id')],
};

export const parseTraceFilter = (text: string | undefined): Filter => parseFilter(TRACES, text);
export const parseTraceOrderBy = (list: readonly string[]): readonly OrderBy[] => parseOrderBy(TRACES, list);
