import { parse } from '../../shared/contracts/parse.ts';
import { RecordRunInput } from '../../shared/contracts/training-workflow.ts';
import { describeFailure } from '../../shared/core/registry/index.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { EventPublisher } from '../../shared/ports/event-publisher.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';

interface Deps {
  readonly registry: Pick<ModelRegistry, 'startRun' | 'endRun'>;
  readonly events: EventPublisher;
  readonly clock: Clock;
}

/**
 * Records how a training run begins and ends. Run twice, each step finds what it wrote and changes nothing; a failure
 * also records the start, since recording that may be what failed. A refusal is published after it is recorded: a
 * death between the two publishes on the repeat, so the event comes at least once.
 */
export const createHandler =
  ({ registry, events, clock }: Deps) =>
  async (event: unknown): Promise<{ readonly runId: string }> => {
    const input = parse(RecordRunInput, event);
    const { model, runId } = input;
    const end = { model, runId, endedAtMs: clock.nowMs() };
    switch (input.action) {
      case 'start':
        await registry.startRun(startOf(input));
        break;
      case 'finish':
        await registry.endRun({ ...end, status: 'FINISHED', outcome: input.outcome, version: input.version });
        break;
      case 'refuse':
        await registry.endRun({ ...end, status: 'FINISHED', outcome: input.outcome });
        await events.publish('Training Refused', { model, cause: input.cause, reason: input.outcome });
        break;
      case 'fail':
        await registry.startRun(startOf(input));
        await registry.endRun({ ...end, status: 'FAILED', outcome: describeFailure(input.error, input.errorCause) });
        break;
    }
    return { runId };
  };

const startOf = (input: Extract<RecordRunInput, { action: 'start' | 'fail' }>) => {
  const { model, runId, executionArn, cause, startedAtMs } = input;
  return { model, runId, executionArn, cause, startedAtMs };
};
