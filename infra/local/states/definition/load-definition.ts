import { definitionKey, type ExecutionRecord, parentMachineArn, type StatesTables } from '../records.ts';
import type { Definition, State, StateGraph } from './types.ts';

/** What an execution runs: a definition, or the ItemProcessor of a distributed Map inside one. */
export interface LoadedGraph extends StateGraph {
  readonly timeoutSeconds?: number;
}

const CACHE_LIMIT = 200;

const graphsIn = (state: State): readonly StateGraph[] => {
  if (state.Type === 'Parallel') return state.Branches;
  return state.Type === 'Map' ? [state.ItemProcessor] : [];
};

/** The ItemProcessor of the Map state with this name, at any depth: names are unique in a definition. */
const findProcessor = ({ States: states }: StateGraph, name: string): StateGraph | undefined => {
  const state = states[name];
  if (state?.Type === 'Map') return state.ItemProcessor;
  for (const other of Object.values(states)) {
    for (const graph of graphsIn(other)) {
      const found = findProcessor(graph, name);
      if (found) return found;
    }
  }
  return undefined;
};

/** Reads definitions, each parsed once: executions outnumber them by far. */
export const createDefinitionLoader = (tables: StatesTables): ((record: ExecutionRecord) => LoadedGraph) => {
  const parsed = new Map<string, Definition>();
  const load = (record: ExecutionRecord): Definition => {
    const key = definitionKey(parentMachineArn(record.stateMachineArn), record.revisionId);
    const known = parsed.get(key);
    if (known) return known;
    const text = tables.definitions.get(key);
    if (text === undefined) throw new Error(`the definition of ${record.arn} is gone`);
    const definition = JSON.parse(text) as Definition;
    if (parsed.size >= CACHE_LIMIT) parsed.clear();
    parsed.set(key, definition);
    return definition;
  };
  return (record) => {
    const definition = load(record);
    if (record.mapRun === undefined) {
      const { StartAt, States, TimeoutSeconds: timeoutSeconds } = definition;
      return timeoutSeconds === undefined ? { StartAt, States } : { StartAt, States, timeoutSeconds };
    }
    const processor = findProcessor(definition, record.mapRun.state);
    if (!processor) throw new Error(`the Map state '${record.mapRun.state}' of ${record.arn} is gone`);
    return processor;
  };
};
