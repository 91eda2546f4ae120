import { UnavailableError } from '../../kernel/errors.ts';
import { aggregate, applySteps, branchOf, type Outcome } from './apply-steps.ts';
import type {
  Composition,
  CompositionNode,
  EnsembleNode,
  FailurePolicy,
  ModelNode,
  Row,
  SwitchNode,
  TransformNode,
} from './composition.ts';

/** A question to a member. */
export interface MemberCall {
  readonly node: string;
  readonly model: string;
  readonly rows: readonly Row[];
  /** Where the rows stand in the request. */
  readonly rowIndices: readonly number[];
  /** It must have answered or failed by then. */
  readonly timeoutMs: number;
}

export interface MemberAnswer {
  /** One number a row. */
  readonly outputs: readonly number[];
  readonly version: number;
}

export interface CompositionPorts {
  predict(call: MemberCall): Promise<MemberAnswer>;
  /** Monotonic milliseconds. */
  elapsedMs(): number;
}

/** What one working-out of a node did. A node has several where rows came to it by different ways. */
export interface NodeTrace {
  readonly node: string;
  readonly kind: CompositionNode['kind'];
  readonly rowCount: number;
  /** Since the composition was asked, milliseconds. */
  readonly startedMs: number;
  readonly durationMs: number;
  readonly failedCount: number;
  readonly skippedCount: number;
  /** Of a model: the version that answered. */
  readonly model?: string;
  readonly version?: number;
  /** Why the first of its rows has no value of its own. */
  readonly reason?: string;
}

export interface CompositionAnswer {
  /** One number a row. */
  readonly outputs: readonly number[];
  readonly trace: readonly NodeTrace[];
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const afterFailure = (policy: FailurePolicy, reason: string): Outcome => {
  if (policy === 'fail') return { failed: reason };
  return policy === 'skip' ? { skipped: reason } : { value: policy.value };
};

interface Work {
  readonly outcomes: readonly Outcome[];
  readonly model?: string;
  readonly version?: number;
  readonly reason?: string;
}

/** A column's outcomes for some rows, in their order. */
type ReadColumn = (name: string, rowIndices: readonly number[]) => Promise<readonly Outcome[]>;

interface Evaluation {
  readonly composition: Composition;
  readonly rows: readonly Row[];
  readonly ports: CompositionPorts;
  readonly startedAtMs: number;
  readonly readColumn: ReadColumn;
}

const NO_ROW: Outcome = { failed: 'no such row' };

/** Work that began when its sources were there. */
type TimedWork = Work & { readonly startedAtMs: number };

/** Each row by the branch that its case names; a branch is worked out for the rows that take it. */
const choose = async (
  { readColumn, ports }: Evaluation,
  node: SwitchNode,
  rowIndices: readonly number[],
): Promise<TimedWork> => {
  const on = await readColumn(node.on, rowIndices);
  const startedAtMs = ports.elapsedMs();
  const takers = new Map<string, number[]>();
  const outcomes: Outcome[] = [...on];
  for (const [at, cell] of on.entries()) {
    if (!('value' in cell)) continue;
    const branch = branchOf(node, cell.value);
    const positions = takers.get(branch);
    if (positions) positions.push(at);
    else takers.set(branch, [at]);
  }
  await Promise.all(
    [...takers].map(async ([branch, positions]) => {
      const indices = positions.map((at) => rowIndices[at] ?? 0);
      const taken = await readColumn(branch, indices);
      for (const [i, at] of positions.entries()) outcomes[at] = taken[i] ?? NO_ROW;
    }),
  );
  return { outcomes, startedAtMs, ...reasonIn(outcomes) };
};

interface Asked {
  readonly at: number;
  readonly row: Row;
}

/** The rows whose features are all there; the others fail as their features did. */
const gatherRows = (
  features: readonly string[],
  columns: readonly (readonly Outcome[])[],
  rowCount: number,
): { readonly outcomes: Outcome[]; readonly asked: readonly Asked[] } => {
  const outcomes: Outcome[] = [];
  const asked: Asked[] = [];
  for (let at = 0; at < rowCount; at += 1) {
    const cells = columns.map((column): Outcome => column[at] ?? NO_ROW);
    const missing = cells.find((cell) => !('value' in cell));
    outcomes.push(missing ?? NO_ROW);
    if (missing !== undefined) continue;
    const values = cells.map((cell) => ('value' in cell ? cell.value : null));
    asked.push({ at, row: Object.fromEntries(features.map((feature, i) => [feature, values[i] ?? null])) });
  }
  return { outcomes, asked };
};

const askModel = async (
  { composition, ports, startedAtMs, readColumn }: Evaluation,
  node: ModelNode,
  rowIndices: readonly number[],
): Promise<TimedWork> => {
  const columns = await Promise.all(Object.values(node.inputs).map((name) => readColumn(name, rowIndices)));
  const askedAtMs = ports.elapsedMs();
  const { outcomes, asked } = gatherRows(Object.keys(node.inputs), columns, rowIndices.length);
  const about = { startedAtMs: askedAtMs, model: node.model };
  if (asked.length === 0) return { outcomes, ...about, ...reasonIn(outcomes) };
  const remainingMs = startedAtMs + composition.deadlineMs - askedAtMs;
  try {
    if (remainingMs <= 0) throw new UnavailableError(`no time is left of ${composition.deadlineMs} ms`);
    const { outputs, version } = await ports.predict({
      node: node.name,
      model: node.model,
      rows: asked.map(({ row }) => row),
      rowIndices: asked.map(({ at }) => rowIndices[at] ?? 0),
      timeoutMs: Math.min(node.timeoutMs, remainingMs),
    });
    for (const [i, { at }] of asked.entries()) {
      const value = outputs[i];
      const answered = value !== undefined && Number.isFinite(value);
      outcomes[at] = answered ? { value } : afterFailure(node.onFailure, `${node.model} gave no finite number`);
    }
    return { outcomes, version, ...about, ...reasonIn(outcomes) };
  } catch (error) {
    const reason = `${node.model}: ${messageOf(error)}`;
    for (const { at } of asked) outcomes[at] = afterFailure(node.onFailure, reason);
    return { outcomes, ...about, reason };
  }
};

const transform = async (
  { readColumn, ports }: Evaluation,
  { of, steps }: TransformNode,
  rowIndices: readonly number[],
): Promise<TimedWork> => {
  const column = await readColumn(of, rowIndices);
  const startedAtMs = ports.elapsedMs();
  const outcomes = column.map((cell) => ('value' in cell ? applySteps(cell.value, steps) : cell));
  return { outcomes, startedAtMs, ...reasonIn(outcomes) };
};

const combine = async (
  { readColumn, ports }: Evaluation,
  node: EnsembleNode,
  rowIndices: readonly number[],
): Promise<TimedWork> => {
  const columns = await Promise.all(node.of.map((name) => readColumn(name, rowIndices)));
  const startedAtMs = ports.elapsedMs();
  const outcomes = rowIndices.map((_, at) =>
    aggregate(
      node,
      columns.map((column) => column[at] ?? NO_ROW),
    ),
  );
  return { outcomes, startedAtMs, ...reasonIn(outcomes) };
};

const workOut = (evaluation: Evaluation, node: CompositionNode, rowIndices: readonly number[]): Promise<TimedWork> => {
  switch (node.kind) {
    case 'transform':
      return transform(evaluation, node, rowIndices);
    case 'model':
      return askModel(evaluation, node, rowIndices);
    case 'ensemble':
      return combine(evaluation, node, rowIndices);
    case 'switch':
      return choose(evaluation, node, rowIndices);
  }
};

const traceOf = (
  { name, kind }: CompositionNode,
  { outcomes, startedAtMs, ...about }: TimedWork,
  beganAtMs: number,
  endedAtMs: number,
): NodeTrace => ({
  node: name,
  kind,
  rowCount: outcomes.length,
  startedMs: startedAtMs - beganAtMs,
  durationMs: endedAtMs - startedAtMs,
  failedCount: outcomes.filter((outcome) => 'failed' in outcome).length,
  skippedCount: outcomes.filter((outcome) => 'skipped' in outcome).length,
  ...about,
});

/** What is asked for is worked out once a row, however many ask and however often. */
const begin = (
  composition: Composition,
  rows: readonly Row[],
  ports: CompositionPorts,
): { readonly readColumn: ReadColumn; readonly trace: readonly NodeTrace[] } => {
  const nodes = new Map(composition.nodes.map((node) => [node.name, node]));
  const worked = new Map(composition.nodes.map(({ name }) => [name, new Map<number, Promise<Outcome>>()]));
  const trace: NodeTrace[] = [];
  const startedAtMs = ports.elapsedMs();

  const workAndTrace = async (node: CompositionNode, rowIndices: readonly number[]): Promise<readonly Outcome[]> => {
    const work = await workOut(evaluation, node, rowIndices);
    trace.push(traceOf(node, work, startedAtMs, ports.elapsedMs()));
    return work.outcomes;
  };

  const readColumn: ReadColumn = async (name, rowIndices) => {
    const [node, known] = [nodes.get(name), worked.get(name)];
    if (node === undefined || known === undefined) {
      return rowIndices.map((index) => ({ value: rows[index]?.[name] ?? null }));
    }
    const wanted = rowIndices.filter((index) => !known.has(index));
    if (wanted.length > 0) {
      const working = workAndTrace(node, wanted);
      for (const [at, index] of wanted.entries()) {
        known.set(
          index,
          working.then((outcomes) => outcomes[at] ?? NO_ROW),
        );
      }
    }
    return Promise.all(rowIndices.map((index) => known.get(index) ?? NO_ROW));
  };

  const evaluation: Evaluation = { composition, rows, ports, startedAtMs, readColumn };
  return { readColumn, trace };
};

const reasonIn = (outcomes: readonly Outcome[]): { readonly reason?: string } => {
  for (const outcome of outcomes) {
    if ('failed' in outcome) return { reason: outcome.failed };
    if ('skipped' in outcome) return { reason: outcome.skipped };
  }
  return {};
};

/**
 * Works a composition out for rows that were checked against its inputs.
 * @throws UnavailableError when a row has no answer, whatever its nodes' policies made of it; it names the first reason.
 */
export const evaluateComposition = async (
  composition: Composition,
  rows: readonly Row[],
  ports: CompositionPorts,
): Promise<CompositionAnswer> => {
  const { readColumn, trace } = begin(composition, rows, ports);
  const outcomes = await readColumn(composition.output, [...rows.keys()]);
  const outputs = outcomes.map((outcome, row) => {
    if ('value' in outcome && typeof outcome.value === 'number') return outcome.value;
    const { reason = 'it is missing' } = reasonIn([outcome]);
    throw new UnavailableError(`${composition.name} has no answer for row ${row}: ${reason}`);
  });
  return { outputs, trace };
};
