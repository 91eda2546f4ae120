import { AwsError } from '../contracts.ts';
import type { LambdaState } from './lambda-state.ts';

/**
 * Who may run now. A function with reserved concurrency runs up to it and no further; the others share what the
 * reservations leave of the account's limit.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
 */
export interface Concurrency {
  /** Counts an execution in until the answer is called. @throws AwsError TooManyRequestsException */
  begin(functionName: string): () => void;
  /** Sets what is reserved; undefined takes the reservation away. @throws AwsError InvalidParameterValueException */
  reserve(functionName: string, reserved: number | undefined): void;
  /** The account's limit, and what reservations leave of it. */
  account(): { readonly limit: number; readonly unreserved: number };
}

/** Executions at once of an account in a region, before AWS raises it. */
export const DEFAULT_ACCOUNT_CONCURRENCY = 1_000;
/** What reservations must leave to the functions without one. */
const LEAST_UNRESERVED = 100;

const throttled = (reason: string): AwsError =>
  new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429, { Type: 'User', Reason: reason });

type Parts = Pick<LambdaState, 'store'> & { readonly accountConcurrency: number };

export const createConcurrency = ({ store, accountConcurrency }: Parts): Concurrency => {
  const running = new Map<string, number>();
  let unreservedRunning = 0;
  let reservedTotal: number | undefined;

  const sumOfReserved = (): number => {
    const sum = (total: number, value: number | undefined): number => total + (value ?? 0);
    reservedTotal ??= store.functions.entries().reduce((total, [, one]) => sum(total, one.reservedConcurrency), 0);
    return reservedTotal;
  };

  const check = (functionName: string, reserved: number | undefined): void => {
    if (reserved !== undefined && (running.get(functionName) ?? 0) >= reserved) {
      throw throttled('ReservedFunctionConcurrentInvocationLimitExceeded');
    }
    if (reserved === undefined && unreservedRunning >= accountConcurrency - sumOfReserved()) {
      throw throttled('ConcurrentInvocationLimitExceeded');
    }
  };

  return {
    account: () => ({ limit: accountConcurrency, unreserved: accountConcurrency - sumOfReserved() }),
    begin: (functionName) => {
      const { reservedConcurrency } = store.getFunction(functionName);
      check(functionName, reservedConcurrency);
      running.set(functionName, (running.get(functionName) ?? 0) + 1);
      if (reservedConcurrency === undefined) unreservedRunning += 1;
      return () => {
        running.set(functionName, (running.get(functionName) ?? 1) - 1);
        if (reservedConcurrency === undefined) unreservedRunning -= 1;
      };
    },
    reserve: (functionName, reserved) => {
      const { reservedConcurrency, ...rest } = store.getFunction(functionName);
      const others = sumOfReserved() - (reservedConcurrency ?? 0);
      if (reserved !== undefined && accountConcurrency - others - reserved < LEAST_UNRESERVED) {
        throw new AwsError(
          'InvalidParameterValueException',
          `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${LEAST_UNRESERVED}].`,
          400,
          { Type: 'User' },
        );
      }
      reservedTotal = undefined;
      store.functions.put(functionName, reserved === undefined ? rest : { ...rest, reservedConcurrency: reserved });
    },
  };
};
