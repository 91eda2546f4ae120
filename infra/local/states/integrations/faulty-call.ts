import type { CallSite } from '../../contracts.ts';
import { refusalOf } from '../../faults/wire-faults.ts';
import { StateFailure } from '../failure.ts';
import type { Visit } from '../run/frame.ts';
import type { Strand } from '../run/strand.ts';

/** As the SDK inside Step Functions tells of a connection that broke before the answer. */
export const brokenConnection = (errorPrefix: string, why: string): StateFailure =>
  new StateFailure(`${errorPrefix}.SdkClientException`, `Unable to execute HTTP request: ${why}`);

/**
 * Invokes a function as the network and Lambda let it: calls of functions go by no wire on which a fault could strike
 * otherwise. @throws AwsError for a refusal, StateFailure Lambda.SdkClientException for a lost answer
 */
export const withFaults = async <T>(visit: Visit, strand: Strand, call: () => Promise<T>): Promise<T> => {
  const { faults, stateMachineName, clock } = visit.frame.runtime;
  const site: CallSite = {
    origin: 'service',
    caller: stateMachineName,
    ordinal: visit.position().enteredEventId,
    service: 'lambda',
    operation: 'Invoke',
  };
  const fault = faults.call(site);
  if (fault?.kind === 'throttle' || fault?.kind === 'server-error') throw refusalOf(fault.kind, 'lambda');
  const result = await call();
  if (fault?.kind === 'lost-answer') throw brokenConnection('Lambda', 'socket hang up');
  if (fault?.kind === 'slow') await strand.sleepUntil(clock.nowMs() + fault.delayMs, `slow answer ${visit.name}`);
  return result;
};
