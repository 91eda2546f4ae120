import { logLine } from '../../shared/kernel/log.ts';
import type { AlarmReader } from '../../shared/ports/alarm-reader.ts';
import { decodeRequests } from './decode-request.ts';
import { type StartDeps, type StartOutcome, startTraining } from './start-training.ts';

interface Deps extends StartDeps {
  readonly alarms: AlarmReader;
}

/**
 * Starts training once per cause. Delivered twice, the second claim finds the first and names the same execution,
 * which Step Functions starts once; dead between claim and start, the repeat starts it. What comes inside a cool-down,
 * and an alarm that started one, is looked at again at its end, or what keeps ringing without a transition would never
 * be heard. A look that finds the alarm quiet is the last.
 */
export const createHandler =
  (deps: Deps) =>
  async (
    event: unknown,
    context: { readonly invokedFunctionArn: string; readonly awsRequestId: string },
  ): Promise<readonly StartOutcome[]> => {
    const requests = await decodeRequests(event, deps);
    const outcomes: StartOutcome[] = [];
    for (const request of requests) {
      const outcome = await startTraining(deps, request, context.invokedFunctionArn);
      logLine('info', 'training requested', { requestId: context.awsRequestId, kind: request.kind, ...outcome });
      outcomes.push(outcome);
    }
    return outcomes;
  };
