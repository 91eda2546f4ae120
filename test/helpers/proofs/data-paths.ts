import { expressionTree, readsOf } from './expression-reads.ts';
import { exploreStates, type GraphNode, type Machine, type State, type Transition } from './state-graph.ts';

/**
 * Every variable that a state reads is assigned on every way to it, and every field of `$states.input` is given by every
 * state before it. What a function answers is not known here: a state whose Output is a function's answer gives any
 * field (the contracts in `shared/contracts/*-workflow.ts` and their tests say which).
 */

/** Fields that a value has, or undefined when any may be there. */
type Shape = ReadonlySet<string> | undefined;

const objectKeys = (tree: unknown): Shape => {
  const { type, value, lhs } = tree as {
    type?: string;
    value?: unknown;
    lhs?: readonly (readonly { value: string }[])[];
  };
  if (type !== 'unary' || value !== '{') return undefined;
  return new Set((lhs ?? []).map(([key]) => key?.value ?? ''));
};

const isInput = (tree: unknown): boolean => {
  const { type, steps } = tree as { type?: string; steps?: readonly { value: string }[] };
  return type === 'path' && steps?.length === 2 && steps[0]?.value === 'states' && steps[1]?.value === 'input';
};

const shapeOf = (output: unknown, input: Shape): Shape => {
  if (typeof output === 'string') {
    const tree = expressionTree(output);
    return tree === undefined ? new Set() : isInput(tree) ? input : objectKeys(tree);
  }
  return typeof output === 'object' && output !== null ? new Set(Object.keys(output)) : new Set();
};

const ERROR_OUTPUT: Shape = new Set(['Error', 'Cause']);

/** What the next state is given on one way out of a state that was given `input`. */
const outputShape = (state: State, { way, output }: Transition, input: Shape): Shape => {
  if (output !== undefined) return shapeOf(output, input);
  if (way.startsWith('Catch')) return ERROR_OUTPUT;
  return ['Task', 'Map', 'Parallel'].includes(state.Type) ? undefined : input;
};

const intersect = (a: ReadonlySet<string> | undefined, b: ReadonlySet<string>): ReadonlySet<string> =>
  a === undefined ? b : new Set([...a].filter((name) => b.has(name)));

/** The parts of a state that are worked out when it is entered, when it succeeds, and when it fails. */
const partsOf = (state: State): readonly { readonly part: unknown; readonly may: ReadonlySet<string> }[] => {
  const { Catch = [], Choices = [], Assign, Output, Retry: _, Comment: __, ...entered } = state;
  const none = new Set(['input', 'context']);
  return [
    { part: { ...entered, choices: Choices }, may: none },
    { part: { Assign, Output }, may: new Set([...none, 'result']) },
    ...Catch.map((catcher) => ({ part: catcher, may: new Set([...none, 'errorOutput']) })),
  ];
};

const misplaced = (machine: Machine): readonly string[] =>
  Object.entries(machine.definition.States).flatMap(([name, state]) =>
    partsOf(state).flatMap(({ part, may }) =>
      [...readsOf(part).stateFields]
        .filter((field) => !may.has(field.split('.')[0] ?? ''))
        .map((field) => `${machine.name}/${name} reads $states.${field} where there is none`),
    ),
  );

interface Flow {
  readonly assigned: Map<string, ReadonlySet<string>>;
  /** Node → what it may be given, by who gives it. */
  readonly given: Map<string, Map<string, Shape>>;
}

const flowOf = (machine: Machine, inputs: readonly Shape[]): Flow & { readonly nodes: readonly GraphNode[] } => {
  const { start, nodes, transitions } = exploreStates(machine.definition);
  const assigned = new Map<string, ReadonlySet<string>>([[start.key, new Set()]]);
  const given = new Map<string, Map<string, Shape>>([
    [start.key, new Map(inputs.map((shape, i) => [`who starts it (${i + 1})`, shape]))],
  ]);
  // Sets only shrink and givers only grow: as many rounds as there are nodes are enough.
  for (const _round of nodes) {
    for (const transition of transitions) {
      const { from, to, assign } = transition;
      const before = assigned.get(from.key);
      if (before === undefined) continue;
      assigned.set(to.key, intersect(assigned.get(to.key), new Set([...before, ...Object.keys(assign)])));
      const state = machine.definition.States[from.state] as State;
      const gifts = given.get(to.key) ?? new Map<string, Shape>();
      for (const [giver, input] of given.get(from.key) ?? []) {
        const shape = outputShape(state, transition, input);
        gifts.set(shape === input ? giver : from.state, shape);
      }
      given.set(to.key, gifts);
    }
  }
  return { assigned, given, nodes };
};

/** A distributed Map's children: machines of their own, which see no variable of their parent. */
const childrenOf = ({ name, arn, definition }: Machine) =>
  Object.entries(definition.States).flatMap(([state, { ItemProcessor, ItemBatcher }]) => {
    const processor = ItemProcessor as (Machine['definition'] & { ProcessorConfig?: { Mode?: string } }) | undefined;
    if (processor?.ProcessorConfig?.Mode !== 'DISTRIBUTED') return [];
    const input: Shape = ItemBatcher === undefined ? undefined : new Set(['Items', 'BatchInput']);
    return [{ state, machine: { name: `${name}/${state}`, arn, definition: processor }, input }];
  });

/** `inputs`: the fields that each starter gives, undefined for one that is not known. */
export const dataPathBreaches = (machine: Machine, inputs: readonly Shape[]): readonly string[] => {
  const children = childrenOf(machine);
  const States = { ...machine.definition.States };
  for (const { state } of children) {
    const { ItemProcessor: _, ...own } = States[state] as State;
    States[state] = own as State;
  }
  return [
    ...flatBreaches({ ...machine, definition: { ...machine.definition, States } }, inputs),
    ...children.flatMap((child) => dataPathBreaches(child.machine, [child.input])),
  ];
};

const flatBreaches = (machine: Machine, inputs: readonly Shape[]): readonly string[] => {
  const { assigned, given, nodes } = flowOf(machine, inputs);
  const breaches = nodes.flatMap(({ key, state }) => {
    const { variables, stateFields } = readsOf(machine.definition.States[state]);
    const unset = [...variables].filter((name) => assigned.get(key)?.has(name) !== true);
    const fields = [...stateFields].flatMap((field) => (field.startsWith('input.') ? [field.slice(6)] : []));
    return [
      ...unset.map((name) => `${machine.name}/${state} reads $${name}, which is not assigned on every way to it`),
      ...fields.flatMap((field) =>
        [...(given.get(key) ?? [])].flatMap(([giver, shape]) =>
          shape !== undefined && !shape.has(field)
            ? [`${machine.name}/${state} reads $states.input.${field}, which ${giver} does not give`]
            : [],
        ),
      ),
    ];
  });
  return [...new Set([...misplaced(machine), ...breaches])];
};
