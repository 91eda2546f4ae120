import type { JsonValue } from '../../../../shared/kernel/json.ts';
import type { MapState } from '../definition/types.ts';
import { Cancelled, StateFailure } from '../failure.ts';
import { readItems } from '../map/item-reader.ts';
import { evaluateNumber, evaluateTemplate } from '../query/evaluate.ts';
import { type Frame, queryScope, record, type Visit } from './frame.ts';
import { runDistributed } from './run-distributed.ts';
import { runTogether } from './run-parallel.ts';

/** AWS runs up to 40 iterations of an inline Map at once when MaxConcurrency is 0 or absent. */
const DEFAULT_CONCURRENCY = 40;

const toItems = (value: JsonValue, name: string): readonly JsonValue[] => {
  if (Array.isArray(value)) return value;
  if (value !== null && typeof value === 'object') {
    return Object.entries(value).map(([Key, Value]) => ({ Key, Value }) as JsonValue);
  }
  const shown = JSON.stringify(value).slice(0, 100);
  const cause = `The items of the Map state '${name}' must be an array or an object, got ${shown}.`;
  throw new StateFailure('States.QueryEvaluationError', cause, 'Items');
};

const itemsOf = async (state: MapState, visit: Visit): Promise<readonly JsonValue[]> => {
  if (state.ItemReader) return readItems(state.ItemReader, visit);
  if (state.Items === undefined) return toItems(visit.position().input, visit.name);
  return toItems(await evaluateTemplate(state.Items, 'Items', queryScope(visit)), visit.name);
};

/** The input of an iteration: the item, or what ItemSelector makes of it. */
const selectItem = async (state: MapState, visit: Visit, item: JsonValue, index: number): Promise<JsonValue> => {
  if (state.ItemSelector === undefined) return item;
  const inItem: Visit = { ...visit, frame: { ...visit.frame, mapContext: { Item: { Index: index, Value: item } } } };
  return evaluateTemplate(state.ItemSelector, 'ItemSelector', queryScope(inItem));
};

const runIteration = async (
  state: MapState,
  visit: Visit,
  child: Frame,
  item: JsonValue,
  index: number,
): Promise<JsonValue> => {
  const details = { name: visit.name, index };
  record(child, 'MapIterationStarted', 'mapIterationStartedEventDetails', details);
  try {
    const input = await selectItem(state, visit, item, index);
    const output = await child.runGraph(child, state.ItemProcessor.StartAt, input);
    record(child, 'MapIterationSucceeded', 'mapIterationSucceededEventDetails', details);
    return output;
  } catch (error) {
    if (error instanceof Cancelled) {
      if (error.reason === 'sibling') {
        record(child, 'MapIterationAborted', 'mapIterationAbortedEventDetails', details);
      }
    } else record(child, 'MapIterationFailed', 'mapIterationFailedEventDetails', details);
    throw error;
  }
};

const runInline = async (
  state: MapState,
  visit: Visit,
  items: readonly JsonValue[],
  concurrency: number,
): Promise<JsonValue> => {
  const { frame } = visit;
  const startedId = record(frame, 'MapStateStarted', 'mapStateStartedEventDetails', { length: items.length });
  const outputs = new Array<JsonValue>(items.length).fill(null);
  let newestId = startedId;
  let next = 0;
  const workers = Array.from({ length: Math.min(concurrency, items.length) }, (_, i) => `${visit.name} worker ${i}`);
  try {
    await runTogether(visit, workers, async (strand) => {
      while (next < items.length) {
        const index = next;
        next += 1;
        strand.check();
        const { save: _topLevelOnly, ...shared } = frame;
        const item = items[index] ?? null;
        const mapContext = { Item: { Index: index, Value: item } };
        const child: Frame = {
          ...shared,
          strand,
          states: state.ItemProcessor.States,
          lastEventId: startedId,
          mapContext,
        };
        try {
          outputs[index] = await runIteration(state, visit, child, item, index);
        } finally {
          newestId = child.lastEventId;
        }
      }
    });
  } catch (error) {
    frame.lastEventId = newestId;
    if (!(error instanceof Cancelled)) record(frame, 'MapStateFailed');
    throw error;
  }
  frame.lastEventId = newestId;
  record(frame, 'MapStateSucceeded');
  return outputs;
};

export const runMap = async (state: MapState, visit: Visit): Promise<JsonValue> => {
  const scope = queryScope(visit);
  const bounds = { min: 0, max: 10_000 };
  const wanted =
    state.MaxConcurrency === undefined
      ? 0
      : await evaluateNumber(state.MaxConcurrency, 'MaxConcurrency', scope, bounds);
  const items = await itemsOf(state, visit);
  const concurrency = wanted === 0 ? DEFAULT_CONCURRENCY : wanted;
  if (state.ItemProcessor.ProcessorConfig?.Mode !== 'DISTRIBUTED') return runInline(state, visit, items, concurrency);
  const inputs: JsonValue[] = [];
  for (const [index, item] of items.entries()) inputs.push(await selectItem(state, visit, item, index));
  return runDistributed(state, visit, { items: inputs, maxConcurrency: wanted, concurrency });
};
