import { checkState } from './check-state.ts';
import { type CheckContext, isObject, type Json, SCHEMA } from './checks.ts';

const NAME_LIMIT = 80;

/** The names a state may go to, with where each is written. */
const targets = (state: Json, path: string): readonly (readonly [name: unknown, location: string])[] => {
  const found: (readonly [unknown, string])[] = [];
  if (state.Next !== undefined) found.push([state.Next, `${path}/Next`]);
  if (state.Default !== undefined) found.push([state.Default, `${path}/Default`]);
  for (const field of ['Choices', 'Catch']) {
    const list = state[field];
    if (!Array.isArray(list)) continue;
    for (const [i, item] of list.entries()) {
      if (isObject(item) && item.Next !== undefined) found.push([item.Next, `${path}/${field}/${i}/Next`]);
    }
  }
  return found;
};

/** Every state that an execution may come to. */
const reachedFrom = (start: unknown, states: Json): ReadonlySet<unknown> => {
  const reached = new Set<unknown>([start]);
  for (const name of reached) {
    const state = typeof name === 'string' ? states[name] : undefined;
    if (isObject(state)) for (const [target] of targets(state, '')) reached.add(target);
  }
  return reached;
};

const checkTransitions = (graph: Json, states: Json, context: CheckContext): void => {
  for (const [name, state] of Object.entries(states)) {
    if (!isObject(state)) continue;
    for (const [target, location] of targets(state, `${context.path}/States/${name}`)) {
      if (typeof target === 'string' && Object.hasOwn(states, target)) continue;
      context.report('MISSING_TRANSITION_TARGET', `Missing 'Next' target: ${String(target)}`, location);
    }
  }
  const reached = reachedFrom(graph.StartAt, states);
  for (const name of Object.keys(states)) {
    if (reached.has(name)) continue;
    const message = `State "${name}" is not reachable.`;
    context.report('MISSING_TRANSITION_TARGET', message, `${context.path}/States/${name}`);
  }
};

/** Variables that the states of one scope assign. */
const assignedNames = (states: Json): ReadonlySet<string> => {
  const names = new Set<string>();
  const collect = (holder: unknown): void => {
    if (isObject(holder) && isObject(holder.Assign)) for (const name of Object.keys(holder.Assign)) names.add(name);
  };
  for (const state of Object.values(states)) {
    if (!isObject(state)) continue;
    collect(state);
    for (const field of ['Choices', 'Catch']) if (Array.isArray(state[field])) state[field].forEach(collect);
  }
  return names;
};

/** Checks StartAt and States of the definition, a branch or an item processor. */
export const checkGraph = (graph: Json, context: CheckContext): void => {
  const { path, report } = context;
  const states = graph.States;
  if (!isObject(states) || Object.keys(states).length === 0) {
    report(SCHEMA, "Missing or empty 'States' field", `${path}/States`);
    return;
  }
  const start = graph.StartAt;
  if (typeof start !== 'string') report(SCHEMA, "Missing 'StartAt' field", `${path}/StartAt`);
  else if (!Object.hasOwn(states, start)) {
    report('MISSING_TRANSITION_TARGET', `Missing 'StartAt' target: ${start}`, `${path}/StartAt`);
  }
  const inner = new Set([...context.outer, ...assignedNames(states)]);
  for (const [name, state] of Object.entries(states)) {
    const location = `${path}/States/${name}`;
    if (name === '' || name.length > NAME_LIMIT) {
      report(SCHEMA, `State name must be 1 to ${NAME_LIMIT} characters`, location);
    }
    if (context.names.has(name)) report('DUPLICATE_STATE_NAME', `Duplicate State name: ${name}`, location);
    context.names.add(name);
    if (!isObject(state)) {
      report(SCHEMA, 'Expected type of Object', location);
      continue;
    }
    checkState(state, { ...context, path: location }, (child, childPath, isolated) =>
      // A distributed Map's children are executions of their own: they see no variables from outside.
      checkGraph(child, { ...context, path: childPath, outer: isolated ? new Set() : inner }),
    );
  }
  checkTransitions(graph, states, context);
};
