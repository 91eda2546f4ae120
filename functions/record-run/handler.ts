import { parse } from '../../shared/contracts/parse.ts';
import { RecordRunInput } from '../../shared/contracts/training-workflow.ts';
import { describeFailure } from '../../shared/core/registry/index.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { EventPublisher } from '../../shared/ports/event-publisher.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import { learntBy, startOf } from './run-facts.ts';
import { createTrackRun, type TrackRunDeps } from './track-run.ts';

interface Deps extends TrackRunDeps {
  readonly registry: Pick<ModelRegistry, 'startRun' | 'endRun'>;
  readonly events: EventPublisher;
  readonly clock: Clock;
}

/**
 * Records how a training run begins and ends, and shows it to MLflow's clients. Run twice, each step finds what it wrote
 * and changes nothing; a failure also records the start, since recording that may be what failed. A refusal is published
 * after it is recorded: a death between the two publishes on the repeat, so the event comes at least once.
 */
export const createHandler = ({ registry, events, clock, ...deps }: Deps) => {
  const track = createTrackRun(deps);
  return async (event: unknown): Promise<{ readonly runId: string }> => {
    const input = parse(RecordRunInput, event);
    const { model, runId } = input;
    const endedAtMs = clock.nowMs();
    const end = { model, runId, endedAtMs };
    switch (input.action) {
      case 'start':
        await registry.startRun(startOf(input));
        await track.start(startOf(input));
        break;
      case 'finish': {
        const finished = { status: 'FINISHED', outcome: input.outcome, version: input.version } as const;
        await registry.endRun({ ...end, ...finished });
        await track.end(input, { ...finished, ...learntBy(input), endedAtMs }, ['candidate', 'refit']);
        break;
      }
      case 'refuse': {
        const refused = { status: 'FINISHED', outcome: input.outcome } as const;
        await registry.endRun({ ...end, ...refused });
        await track.end(input, { ...refused, ...learntBy(input), endedAtMs }, ['candidate']);
        await events.publish('Training Refused', { model, cause: input.cause, reason: input.outcome });
        break;
      }
      case 'fail': {
        const failed = { status: 'FAILED', outcome: describeFailure(input.error, input.errorCause) } as const;
        await registry.startRun(startOf(input));
        await registry.endRun({ ...end, ...failed });
        await track.start(startOf(input));
        await track.end(input, { ...failed, metrics: {}, endedAtMs }, []);
        break;
      }
    }
    return { runId };
  };
};
