import { readFields } from '../../protocols/fields.ts';
import type { RestCall, RestProtocol } from '../../protocols/rest.ts';
import { parseFunctionReference } from '../function-store.ts';
import type { LambdaState } from '../lambda-state.ts';
import { pageOf } from '../pages.ts';
import { type EventSourceMapping, stateOf } from './mapping.ts';
import type { MappingBook } from './mapping-book.ts';
import { readGivenMapping, readNewMapping } from './read-mapping.ts';

const FRAME = { code: 'InvalidParameterValueException' };
const PATH = '/2015-03-31/event-source-mappings';

const shownStream = ({ stream }: EventSourceMapping) =>
  stream && {
    StartingPosition: stream.startingPosition,
    ParallelizationFactor: 1,
    BisectBatchOnFunctionError: stream.bisects,
    MaximumRetryAttempts: stream.maximumRetryAttempts,
    MaximumRecordAgeInSeconds: stream.maximumRecordAgeSeconds,
    TumblingWindowInSeconds: 0,
    DestinationConfig: { OnFailure: stream.onFailureArn === undefined ? {} : { Destination: stream.onFailureArn } },
  };

/** `EventSourceMappingConfiguration` on the wire. */
const shown = ({ store, context }: LambdaState, mapping: EventSourceMapping) => {
  const { uuid, filters, maximumConcurrency } = mapping;
  const { partition, region, accountId, clock } = context;
  return {
    UUID: uuid,
    EventSourceMappingArn: `arn:${partition}:lambda:${region}:${accountId}:event-source-mapping:${uuid}`,
    EventSourceArn: mapping.eventSourceArn,
    FunctionArn: store.functionArn(mapping.function.name, mapping.function.qualifier),
    BatchSize: mapping.batchSize,
    MaximumBatchingWindowInSeconds: mapping.windowSeconds,
    ...(filters.length === 0 ? {} : { FilterCriteria: { Filters: filters.map((Pattern) => ({ Pattern })) } }),
    ...(maximumConcurrency === undefined ? {} : { ScalingConfig: { MaximumConcurrency: maximumConcurrency } }),
    FunctionResponseTypes: mapping.reportsItemFailures ? ['ReportBatchItemFailures'] : [],
    ...shownStream(mapping),
    LastModified: mapping.lastModifiedMs / 1_000,
    LastProcessingResult: mapping.lastResult,
    State: stateOf(mapping, clock.nowMs()),
    StateTransitionReason: 'USER_INITIATED',
  };
};

export const mappingRoutes = (state: LambdaState, book: MappingBook): RestProtocol['routes'] => {
  const uuidOf = ({ path }: RestCall): string => path.uuid ?? '';
  return {
    [`POST ${PATH}`]: {
      status: 202,
      operation: async ({ json }) => {
        const given = readFields(await json(), FRAME, readNewMapping);
        return shown(state, book.create(given));
      },
    },
    [`GET ${PATH}?EventSourceArn&FunctionName&Marker&MaxItems`]: (call) => {
      const sourceArn = call.query.get('EventSourceArn');
      const functionName = call.query.get('FunctionName');
      const name = functionName === null ? undefined : parseFunctionReference(functionName).name;
      const found = book
        .list()
        .filter((one) => sourceArn === null || one.eventSourceArn === sourceArn)
        .filter((one) => name === undefined || one.function.name === name);
      const rendered = found.map((mapping) => shown(state, mapping));
      return pageOf(call.query, 'EventSourceMappings', rendered, { defaultSize: 100, most: 10_000, cap: 100 });
    },
    [`GET ${PATH}/{uuid}`]: (call) => shown(state, book.get(uuidOf(call))),
    [`PUT ${PATH}/{uuid}`]: {
      status: 202,
      operation: async (call) => {
        const given = readFields(await call.json(), FRAME, readGivenMapping);
        return shown(state, book.update(uuidOf(call), given));
      },
    },
    [`DELETE ${PATH}/{uuid}`]: { status: 202, operation: (call) => shown(state, book.delete(uuidOf(call))) },
  };
};
