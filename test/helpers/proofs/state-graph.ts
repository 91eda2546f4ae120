import type { DeployedResource, DeployedStage } from './deployed-stage.ts';

/**
 * A state machine as a graph that is sensitive to the variables which the machine only ever sets to literals: such a
 * variable's value is part of a node, so that a choice on it has one way out. Every other choice may go either way.
 */

export interface State {
  readonly Type: string;
  readonly Next?: string;
  readonly End?: boolean;
  readonly Default?: string;
  readonly Choices?: readonly Choice[];
  readonly Catch?: readonly Catcher[];
  readonly Retry?: readonly { readonly ErrorEquals: readonly string[]; readonly MaxAttempts?: number }[];
  readonly Assign?: Readonly<Record<string, unknown>>;
  readonly Output?: unknown;
  readonly Arguments?: unknown;
  readonly TimeoutSeconds?: unknown;
  readonly [field: string]: unknown;
}

interface Choice {
  readonly Condition: string;
  readonly Next: string;
  readonly Assign?: Readonly<Record<string, unknown>>;
  readonly Output?: unknown;
}

interface Catcher {
  readonly ErrorEquals: readonly string[];
  readonly Next: string;
  readonly Assign?: Readonly<Record<string, unknown>>;
  readonly Output?: unknown;
}

export interface MachineDefinition {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

export interface Machine {
  readonly name: string;
  readonly arn: string;
  readonly definition: MachineDefinition;
}

/** The machines of a stage, their tokens filled in. */
export const machinesOf = (stage: DeployedStage): readonly Machine[] =>
  stage.ofType('AWS::StepFunctions::StateMachine').map((machine) => ({
    name: String(machine.properties.StateMachineName),
    arn: machine.arn,
    definition: definitionOf(machine),
  }));

const definitionOf = ({ properties }: DeployedResource): MachineDefinition => {
  const substitutions = properties.DefinitionSubstitutions as Readonly<Record<string, unknown>>;
  const text = String(properties.DefinitionString).replaceAll(/\$\{([A-Za-z0-9]+)\}/g, (_, token: string) =>
    // Inside a JSON string, as Step Functions puts it there.
    JSON.stringify(String(substitutions[token])).slice(1, -1),
  );
  return JSON.parse(text) as MachineDefinition;
};

export interface Transition {
  readonly from: GraphNode;
  readonly to: GraphNode;
  /** `Next`, `Default`, `Catch 0`, `Choice 1`. */
  readonly way: string;
  /** What the transition assigns and gives on. */
  readonly assign: Readonly<Record<string, unknown>>;
  readonly output: unknown;
}

export interface GraphNode {
  readonly state: string;
  /** Values of the variables that only ever hold literals, on this way. */
  readonly known: Readonly<Record<string, unknown>>;
  readonly key: string;
}

const isExpression = (value: unknown): boolean =>
  typeof value === 'string' ? value.startsWith('{%') : typeof value === 'object' && value !== null;

const assignmentsOf = (state: State): readonly Readonly<Record<string, unknown>>[] =>
  [state, ...(state.Choices ?? []), ...(state.Catch ?? [])].flatMap(({ Assign }) => (Assign ? [Assign] : []));

const literalVariables = ({ States }: MachineDefinition): ReadonlySet<string> => {
  const all = Object.values(States).flatMap(assignmentsOf).flatMap(Object.entries);
  const computed = new Set(all.filter(([, value]) => isExpression(value)).map(([name]) => name));
  return new Set(all.map(([name]) => name).filter((name) => !computed.has(name)));
};

const EQUALITY = /^\{%\s*\$(\w+)\s*=\s*'([^']*)'\s*%\}$/;

/** What a condition says on this way: true, false, or undefined when it cannot be known. */
const decided = (condition: string, known: GraphNode['known']): boolean | undefined => {
  const [, name = '', literal] = EQUALITY.exec(condition) ?? [];
  return Object.hasOwn(known, name) ? known[name] === literal : undefined;
};

type Way = Omit<Transition, 'from' | 'to'> & { readonly next: string };

const choiceWays = (state: State, known: GraphNode['known']): readonly Way[] => {
  const ways: Way[] = [];
  for (const [i, { Condition, Next, Assign = {}, Output }] of (state.Choices ?? []).entries()) {
    const truth = decided(Condition, known);
    if (truth === false) continue;
    ways.push({ way: `Choice ${i}`, next: Next, assign: Assign, output: Output });
    if (truth === true) return ways;
  }
  if (state.Default !== undefined)
    ways.push({ way: 'Default', next: state.Default, assign: state.Assign ?? {}, output: state.Output });
  return ways;
};

const waysOut = (state: State, known: GraphNode['known']): readonly Way[] => {
  const caught = (state.Catch ?? []).map(
    ({ Next, Assign = {}, Output }, i): Way => ({ way: `Catch ${i}`, next: Next, assign: Assign, output: Output }),
  );
  if (state.Type === 'Choice') return choiceWays(state, known);
  const next: readonly Way[] =
    state.Next === undefined
      ? []
      : [{ way: 'Next', next: state.Next, assign: state.Assign ?? {}, output: state.Output }];
  return [...next, ...caught];
};

export interface StateGraph {
  readonly start: GraphNode;
  readonly nodes: readonly GraphNode[];
  readonly transitions: readonly Transition[];
}

/** Every node that an execution may reach. `allows` cuts transitions. */
export const exploreStates = (
  definition: MachineDefinition,
  allows: (transition: Omit<Transition, 'to'> & { readonly next: string }) => boolean = () => true,
): StateGraph => {
  const literals = literalVariables(definition);
  const nodes = new Map<string, GraphNode>();
  const transitions: Transition[] = [];
  const nodeOf = (state: string, known: GraphNode['known']): GraphNode => {
    const key = `${state} ${JSON.stringify(Object.entries(known).toSorted())}`;
    return nodes.get(key) ?? { state, known, key };
  };
  const start = nodeOf(definition.StartAt, {});
  nodes.set(start.key, start);
  // Grows while it is walked: a node is added once.
  for (const from of nodes.values()) {
    const state = definition.States[from.state];
    if (state === undefined) throw new Error(`no state is called ${from.state}`);
    for (const way of waysOut(state, from.known)) {
      if (!allows({ ...way, from })) continue;
      const literal = Object.entries(way.assign).filter(([name]) => literals.has(name));
      const to = nodeOf(way.next, { ...from.known, ...Object.fromEntries(literal) });
      nodes.set(to.key, to);
      transitions.push({ from, to, way: way.way, assign: way.assign, output: way.output });
    }
  }
  return { start, nodes: [...nodes.values()], transitions };
};
