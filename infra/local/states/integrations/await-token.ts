import type { JsonValue } from '../../../../shared/kernel/json.ts';
import type { TimerHandle } from '../../contracts.ts';
import { StateFailure } from '../failure.ts';
import type { TokenAnswer } from '../records.ts';
import { submit } from './submit.ts';
import type { TaskCall } from './task-call.ts';

/** Restarted by every heartbeat; ends the attempt when none comes in time. */
const createHeartbeat = (call: TaskCall): { readonly beat: () => void; readonly stop: () => void } => {
  const { clock } = call.visit.frame.runtime;
  const seconds = call.heartbeatSeconds;
  let timer: TimerHandle | undefined;
  const beat = (): void => {
    timer?.cancel();
    if (seconds === undefined) return;
    timer = clock.at(clock.nowMs() + seconds * 1000, `heartbeat ${call.visit.name}`, () =>
      call.strand.cancel(new StateFailure('States.HeartbeatTimeout')),
    );
  };
  return { beat, stop: () => timer?.cancel() };
};

const giveAnswer = (answer: TokenAnswer): JsonValue => {
  if ('output' in answer) return answer.output;
  throw new StateFailure(answer.error, answer.cause);
};

/** Makes the request, then waits until somebody answers the task token. */
export const awaitToken = async (call: TaskCall): Promise<JsonValue> => {
  const { tokens } = call.visit.frame.runtime;
  const { token, pending } = call;
  if (token === undefined) throw new RangeError('a callback task needs a token');
  const heartbeat = createHeartbeat(call);
  let answered = pending?.kind === 'token' ? pending.answer : undefined;
  let submitted = pending !== undefined;
  let wake = (): void => {};
  const answer = (given: TokenAnswer): void => {
    answered ??= given;
    // On disk before the caller of SendTaskSuccess hears that it was taken.
    if (submitted) call.remember({ kind: 'token', token, answer: answered });
    wake();
  };
  // The answer may come before the request returns: the waiter stands first.
  const forget = tokens.register(token, {
    succeed: (output) => answer({ output }),
    fail: (error, cause) => answer({ error, cause }),
    heartbeat: heartbeat.beat,
  });
  try {
    heartbeat.beat();
    if (!submitted) {
      const output = await submit(call);
      submitted = true;
      call.submitted(output, { kind: 'token', token, answer: answered });
    }
    if (answered === undefined) {
      await call.strand.wait<void>(({ resolve }) => {
        wake = () => {
          forget();
          resolve();
        };
        return () => {};
      });
    }
    if (answered === undefined) throw new RangeError('a callback task woke without an answer');
    return giveAnswer(answered);
  } finally {
    heartbeat.stop();
    forget();
  }
};
