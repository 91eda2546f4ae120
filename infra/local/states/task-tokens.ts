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

/** A token names its execution between two ids. */
export const makeTaskToken = (executionName: string, newId: () => string): string =>
  Buffer.from(`${newId()}/${executionName}/${newId()}`).toString('base64');

const ID = '[0-9a-f-]{36}';
const TOKEN = new RegExp(`^${ID}/.+/${ID}$`, 's');

const isToken = (text: unknown): text is string =>
  typeof text === 'string' && TOKEN.test(Buffer.from(text, 'base64').toString('utf8'));

export const createTaskTokens = (): TaskTokens => {
  const waiters = new Map<string, TokenWaiter>();
  return {
    register: (token, waiter) => {
      waiters.set(token, waiter);
      return () => waiters.delete(token);
    },
    find: (token) => {
      if (!isToken(token)) throw new AwsError('InvalidToken', "Invalid Token: 'Invalid token'");
      const waiter = waiters.get(token);
      // AWS answers the same for a token that was answered, timed out, or never was.
      if (!waiter) throw new AwsError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
      return waiter;
    },
  };
};
