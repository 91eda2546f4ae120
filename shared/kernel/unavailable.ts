import { UnavailableError } from './errors.ts';

const TRANSIENT_NAMES = new Set([
  'InternalServerError',
  'InternalServerException',
  'LimitExceededException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'ServiceUnavailable',
  'SlowDown',
  'ThrottlingException',
  'TimeoutError',
  'TooManyRequestsException',
]);
const TRANSIENT_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT']);

interface ServiceFault {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly $fault?: unknown;
}

/** True for a throttle, a fault of the service or a lost connection, as AWS's SDK reports them after its own retries. */
const isTransientFault = (error: unknown): boolean => {
  if (typeof error !== 'object' || error === null) return false;
  const { name, code, $fault } = error as ServiceFault;
  return $fault === 'server' || TRANSIENT_NAMES.has(String(name)) || TRANSIENT_CODES.has(String(code));
};

/**
 * Runs one call of an SDK and translates what may pass by itself.
 * @throws UnavailableError with the SDK's error as cause; any other error as it is.
 */
export const callingService = async <T>(service: string, call: () => Promise<T>): Promise<T> => {
  try {
    return await call();
  } catch (error) {
    if (!isTransientFault(error)) throw error;
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new UnavailableError(`${service} is not available: ${reason}`, { cause: error });
  }
};
