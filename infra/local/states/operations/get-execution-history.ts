import { readFields } from '../../protocols/fields.ts';
import type { JsonOperation } from '../../protocols/json.ts';
import { historyLength } from '../execution-history.ts';
import { wireEvent } from '../history.ts';
import { historyKey } from '../records.ts';
import type { StatesDeps } from './deps.ts';
import { findExecution } from './find-execution.ts';
import { pageToken, readPage } from './pages.ts';

/** Events by id: a page reads no more of a long history than it shows. */
export const getExecutionHistory =
  ({ tables, context }: StatesDeps): JsonOperation =>
  (input) => {
    const { arn, page, reverse, withData } = readFields(input, {}, (fields) => ({
      arn: fields.requiredText('executionArn'),
      page: readPage(fields),
      reverse: fields.flag('reverseOrder') ?? false,
      withData: fields.flag('includeExecutionData') ?? true,
    }));
    const length = historyLength(tables, findExecution(tables, arn, context.clock.nowMs()));
    const end = Math.min(page.offset + page.limit, length);
    const events: unknown[] = [];
    for (let index = page.offset; index < end; index += 1) {
      const event = tables.history.get(historyKey(arn, reverse ? length - index : index + 1));
      if (event) events.push(wireEvent(event, withData));
    }
    return { events, ...(end < length ? { nextToken: pageToken(end) } : {}) };
  };
