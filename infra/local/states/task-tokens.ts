import type { JsonValue } from '../../../shared/kernel/json.ts';
import { AwsError } from '../contracts.ts';

interface TokenWaiter {
  succeed(output: JsonValue): void;
  fail(error: string, cause: string): void;
  heartbeat(): void;
}

/** Who waits behind a task token. A token is forgotten with the attempt that made it. */
export interface TaskTokens {
  register(token: string, waiter: TokenWaiter): () => void;
  /** @throws AwsError InvalidToken, TaskTimedOut */
  find(token: unknown): TokenWaiter;
}

const TOKEN = /^[A-Za-z0-9+/=_-]{16,2048}$/;

export const createTaskTokens = (): TaskTokens => {
  const waiters = new Map<string, TokenWaiter>();
  return {
    register: (token, waiter) => {
      waiters.set(token, waiter);
      return () => waiters.delete(token);
    },
    find: (token) => {
      if (typeof token !== 'string' || !TOKEN.test(token)) {
        throw new AwsError('InvalidToken', `Invalid Token: '${String(token)}'`);
      }
      const waiter = waiters.get(token);
      // AWS answers the same for a token that was answered, timed out, or never was.
      if (!waiter) throw new AwsError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
      return waiter;
    },
  };
};
