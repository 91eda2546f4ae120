import { AwsError } from '../../infra/local/contracts.ts';
import type { WorkflowFunction } from './workflow.ts';

const SERVICE = 'Lambda.';

/**
 * A function that fails with the error a workflow calls by this name: thrown by its code, or by Lambda itself
 * (`Lambda.…Exception`; `Lambda.Unknown` is a process that died without a word).
 */
export const failing =
  (errorName: string, message = 'it failed'): WorkflowFunction =>
  () => {
    if (errorName === 'Lambda.Unknown') throw Object.assign(new Error(message), { name: '' });
    if (errorName.startsWith(SERVICE)) throw new AwsError(errorName.slice(SERVICE.length), message, 500);
    throw Object.assign(new Error(message), { name: errorName });
  };
