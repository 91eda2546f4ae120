import type { JsonValue } from '../../../../shared/kernel/json.ts';
import type { MapState } from '../definition/types.ts';
import { Cancelled, StateFailure } from '../failure.ts';
import { readItems } from '../map/item-reader.ts';
import { itemsIn, type MapItem, mapContextOf } from '../map/map-item.ts';
import { evaluateNumber, evaluateTemplate } from '../query/evaluate.ts';
import { type Frame, queryScope, record, type Visit } from './frame.ts';
import { type DistributedItems, runDistributed } from './run-distributed.ts';
import { runTogether } from './run-parallel.ts';

/** AWS runs up to 40 iterations of an inline Map at once when MaxConcurrency is 0 or absent. */
const DEFAULT_CONCURRENCY = 40;

const toItems = (value: JsonValue, name: string): readonly MapItem[] => {
  const items = itemsIn(value, 'STATE_DATA');
  if (items) return items;
  const shown = JSON.stringify(value).slice(0, 100);
  const cause = `The items of the Map state '${name}' must be an array or an object, got ${shown}.`;
  throw new StateFailure('States.QueryEvaluationError', cause, 'Items');
};

const itemsOf = async (state: MapState, visit: Visit): Promise<readonly MapItem[]> => {
  if (state.ItemReader) return readItems(state.ItemReader, visit);
  if (state.Items === undefined) return toItems(visit.position().input, visit.name);
  return toItems(await evaluateTemplate(state.Items, 'Items', queryScope(visit)), visit.name);
};

/** The input of an iteration: the item, or what ItemSelector makes of it. */
const selectItem = async (state: MapState, visit: Visit, item: MapItem, index: number): Promise<JsonValue> => {
  if (state.ItemSelector === undefined) return item.value;
  const inItem: Visit = { ...visit, frame: { ...visit.frame, mapContext: mapContextOf(item, index) } };
  return evaluateTemplate(state.ItemSelector, 'ItemSelector', queryScope(inItem));
};

const runIteration = async (
  state: MapState,
  visit: Visit,
  child: Frame,
  item: MapItem,
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
  items: readonly MapItem[],
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
        const item = items[index] as MapItem;
        const child: Frame = {
          ...shared,
          strand,
          states: state.ItemProcessor.States,
          lastEventId: startedId,
          mapContext: mapContextOf(item, index),
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

/** MaxConcurrency: 0 where the definition leaves it to AWS. */
const readConcurrency = async (state: MapState, visit: Visit): Promise<number> => {
  if (state.MaxConcurrency === undefined) return 0;
  return evaluateNumber(state.MaxConcurrency, 'MaxConcurrency', queryScope(visit), { min: 0, max: 10_000 });
};

const readDistributed = async (state: MapState, visit: Visit): Promise<DistributedItems> => {
  const maxConcurrency = await readConcurrency(state, visit);
  const items: JsonValue[] = [];
  for (const [index, item] of (await itemsOf(state, visit)).entries()) {
    items.push(await selectItem(state, visit, item, index));
  }
  return { items, maxConcurrency };
};

export const runMap = async (state: MapState, visit: Visit): Promise<JsonValue> => {
  if (state.ItemProcessor.ProcessorConfig?.Mode === 'DISTRIBUTED') {
    return runDistributed(state, visit, () => readDistributed(state, visit));
  }
  const wanted = await readConcurrency(state, visit);
  return runInline(state, visit, await itemsOf(state, visit), wanted === 0 ? DEFAULT_CONCURRENCY : wanted);
};
