import type { JsonValue } from '../../../../shared/kernel/json.ts';
import type { ParallelState } from '../definition/types.ts';
import { Cancelled } from '../failure.ts';
import { evaluateTemplate } from '../query/evaluate.ts';
import { type Frame, queryScope, record, type Visit } from './frame.ts';
import type { Strand } from './strand.ts';

/**
 * Runs members side by side. The first to fail ends the others; its failure is thrown once all have ended.
 * @returns their outputs in order.
 */
export const runTogether = async <T>(
  visit: Visit,
  labels: readonly string[],
  body: (strand: Strand, index: number) => Promise<T>,
): Promise<T[]> => {
  const { strand } = visit.frame;
  const strands = new Set<Strand>();
  let failure: { readonly error: unknown } | undefined;
  const failWith = (error: unknown): void => {
    if (failure) return;
    failure = { error };
    for (const sibling of [...strands]) sibling.cancel(new Cancelled('sibling'));
  };
  const run = async (child: Strand, index: number): Promise<T> => {
    if (failure) throw new Cancelled('sibling');
    strands.add(child);
    try {
      return await body(child, index);
    } catch (error) {
      strands.delete(child);
      failWith(error);
      throw error;
    } finally {
      strands.delete(child);
    }
  };
  const members = labels.map((label, index) => strand.spawn(label, (child) => run(child, index)));
  const settled = await strand.join(Promise.allSettled(members));
  const failed = failure as { readonly error: unknown } | undefined;
  if (failed) throw failed.error;
  return settled.map((result) => (result as PromiseFulfilledResult<T>).value);
};

export const runParallel = async (state: ParallelState, visit: Visit): Promise<JsonValue> => {
  const { frame } = visit;
  const input =
    state.Arguments === undefined
      ? visit.position().input
      : await evaluateTemplate(state.Arguments, 'Arguments', queryScope(visit));
  const startedId = record(frame, 'ParallelStateStarted');
  let newestId = startedId;
  try {
    const labels = state.Branches.map((_, i) => `${visit.name} branch ${i}`);
    const outputs = await runTogether(visit, labels, async (strand, i) => {
      const branch = state.Branches[i];
      if (!branch) throw new RangeError(`branch ${i} does not exist`);
      const { save: _topLevelOnly, ...shared } = frame;
      const child: Frame = { ...shared, strand, states: branch.States, lastEventId: startedId };
      try {
        return await frame.runGraph(child, branch.StartAt, input);
      } finally {
        newestId = child.lastEventId;
      }
    });
    frame.lastEventId = newestId;
    record(frame, 'ParallelStateSucceeded');
    return outputs;
  } catch (error) {
    frame.lastEventId = newestId;
    if (!(error instanceof Cancelled)) record(frame, 'ParallelStateFailed');
    throw error;
  }
};
