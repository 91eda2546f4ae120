import { parse } from '../../shared/contracts/parse.ts';
import { RecordRunInput } from '../../shared/contracts/training-workflow.ts';
import { describeFailure, packagingFailure } from '../../shared/core/registry/index.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { EventPublisher } from '../../shared/ports/event-publisher.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import { createNoteVersion } from './note-version.ts';
import { costOf, finishedAs, learntBy, startOf } from './run-facts.ts';
import { createTrackRun, type TrackRunDeps } from './track-run.ts';

interface Deps extends TrackRunDeps {
  readonly registry: Pick<ModelRegistry, 'startRun' | 'endRun' | 'notePackaging'>;
  readonly events: EventPublisher;
  readonly clock: Clock;
}

/**
 * Records how a run begins and ends, for MLflow's clients and on a client's version too. Run twice, each step finds what it
 * wrote. A failure also records the start, which may be what failed; a refusal is published once it is recorded.
 */
export const createHandler = ({ registry, events, clock, ...deps }: Deps) => {
  const track = createTrackRun(deps);
  const note = createNoteVersion(registry, clock);
  return async (event: unknown): Promise<{ readonly runId: string }> => {
    const input = parse(RecordRunInput, event);
    const [{ model, runId }, endedAtMs] = [input, clock.nowMs()];
    switch (input.action) {
      case 'start':
        await registry.startRun({ ...startOf(input), ...costOf(input, deps.definitions) });
        await track.start(startOf(input));
        await note(input, { state: 'PENDING' });
        break;
      case 'finish':
      case 'leave': {
        const { ended, cost, phases } = finishedAs(input);
        await registry.endRun({ model, runId, endedAtMs, ...ended, ...cost });
        await track.end(input, { ...ended, ...learntBy(input), endedAtMs }, phases);
        break;
      }
      case 'refuse': {
        const refused = { status: 'FINISHED', outcome: input.outcome } as const;
        await registry.endRun({ model, runId, endedAtMs, ...refused });
        await track.end(input, { ...refused, ...learntBy(input), endedAtMs }, ['candidate']);
        await note(input, { state: 'REFUSED', reason: input.outcome });
        await events.publish('Training Refused', { model, cause: input.cause, reason: input.outcome });
        break;
      }
      case 'fail': {
        const failed = { status: 'FAILED', outcome: describeFailure(input.error, input.errorCause) } as const;
        await registry.startRun({ ...startOf(input), ...costOf(input, deps.definitions) });
        await registry.endRun({ model, runId, endedAtMs, ...failed });
        await track.start(startOf(input));
        await track.end(input, { ...failed, metrics: {}, endedAtMs }, []);
        await note(input, packagingFailure(input.error, input.errorCause));
        break;
      }
    }
    return { runId };
  };
};
