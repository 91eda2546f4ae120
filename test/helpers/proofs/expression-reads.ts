import jsonata from 'jsonata';

/** What a JSONata expression of a state reads, as far as its text tells. */
export interface ExpressionReads {
  /** Variables of the machine, without `states`. */
  readonly variables: ReadonlySet<string>;
  /** Fields of `$states.input`, `$states.result`, `$states.errorOutput`: `input.model`; `input` for all of it. */
  readonly stateFields: ReadonlySet<string>;
}

type Node = Readonly<Record<string, unknown>>;

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;
const nameOf = (value: unknown): string => (isNode(value) ? String(value.value) : '');

/** Names that the expression itself gives: `$x := …` and the parameters of its functions. */
const boundIn = (node: unknown, bound: Set<string>): void => {
  if (!isNode(node)) return;
  if (node.type === 'bind') bound.add(nameOf(node.lhs));
  if (node.type === 'lambda')
    for (const parameter of node.arguments as readonly unknown[]) bound.add(nameOf(parameter));
  for (const inner of Object.values(node)) boundIn(inner, bound);
};

const isFunctionName = (key: string, node: unknown): boolean =>
  // Functions come with the language: a machine's variables hold data.
  key === 'procedure' && isNode(node) && node.type === 'variable';

/** `$states.result.Payload` → `result.Payload`; undefined for a path of anything else. */
const stateFieldOf = (steps: readonly Node[]): string | undefined => {
  const [first, ...rest] = steps;
  if (first?.type !== 'variable' || first.value !== 'states') return undefined;
  return rest
    .slice(0, 2)
    .flatMap((step) => (step.type === 'name' ? [nameOf(step)] : []))
    .join('.');
};

/** `$exists($states.input.asked) ? …`: the field that is read only where it is given. */
const askedFieldOf = (node: Node): string | undefined => {
  if (node.type !== 'condition' || !isNode(node.condition)) return undefined;
  const { type, procedure, arguments: asked } = node.condition;
  if (type !== 'function' || nameOf(procedure) !== 'exists' || !Array.isArray(asked)) return undefined;
  const path: unknown = asked[0];
  return isNode(path) && path.type === 'path' ? stateFieldOf(path.steps as readonly Node[]) : undefined;
};

interface Found {
  readonly variables: Set<string>;
  readonly stateFields: Set<string>;
}

const collectWhereGiven = (node: Node, asked: string, reads: Found): void => {
  const given = { variables: reads.variables, stateFields: new Set<string>() };
  collect(node.then, given);
  for (const field of given.stateFields) if (field !== asked) reads.stateFields.add(field);
  collect(node.else, reads);
};

const collect = (node: unknown, reads: Found): void => {
  if (!isNode(node)) return;
  const asked = askedFieldOf(node);
  if (asked !== undefined) {
    collectWhereGiven(node, asked, reads);
    return;
  }
  const steps = node.type === 'path' ? (node.steps as readonly Node[]) : [node];
  const field = stateFieldOf(steps);
  if (field !== undefined) {
    reads.stateFields.add(field);
    for (const step of steps.slice(1)) collect(step, reads);
    return;
  }
  if (node.type === 'variable' && node.value !== '' && node.value !== '$') reads.variables.add(nameOf(node));
  for (const [key, inner] of Object.entries(node)) if (!isFunctionName(key, inner)) collect(inner, reads);
};

const EXPRESSION = /^\{%([\s\S]*)%\}$/;

/** The syntax tree of `{% … %}`, or undefined for any other text. */
export const expressionTree = (text: string): unknown => {
  const [, body] = EXPRESSION.exec(text) ?? [];
  return body === undefined ? undefined : jsonata(body).ast();
};

const readsOfText = (text: string): { variables: ReadonlySet<string>; stateFields: ReadonlySet<string> } => {
  const found = { variables: new Set<string>(), stateFields: new Set<string>() };
  const tree = expressionTree(text);
  const bound = new Set<string>();
  boundIn(tree, bound);
  collect(tree, found);
  return {
    variables: new Set([...found.variables].filter((name) => !bound.has(name))),
    stateFields: found.stateFields,
  };
};

const textsIn = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return [value];
  return isNode(value) ? Object.values(value).flatMap(textsIn) : [];
};

/** Everything that the expressions in a value read. */
export const readsOf = (value: unknown): ExpressionReads => {
  const all = textsIn(value).map(readsOfText);
  return {
    variables: new Set(all.flatMap(({ variables }) => [...variables])),
    stateFields: new Set(all.flatMap(({ stateFields }) => [...stateFields])),
  };
};
