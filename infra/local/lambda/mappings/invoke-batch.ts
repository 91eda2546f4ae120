import { AwsError, type DeliveryFault } from '../../contracts.ts';
import { invokeSync } from '../invocation.ts';
import type { LambdaState } from '../lambda-state.ts';
import type { EventSourceMapping } from './mapping.ts';

export type BatchOutcome =
  | { readonly kind: 'answered'; readonly payload: string }
  | { readonly kind: 'failed'; readonly payload: string; readonly executedVersion: string }
  /** Nothing ran: no concurrency was free, or the function could not be reached. */
  | { readonly kind: 'refused' };

const runOnce = async (
  state: LambdaState,
  mapping: EventSourceMapping,
  records: readonly unknown[],
): Promise<BatchOutcome> => {
  const { name, qualifier } = mapping.function;
  try {
    const result = await invokeSync(state, {
      functionName: name,
      qualifier,
      payload: JSON.stringify({ Records: records }),
    });
    if (result.functionError === undefined) return { kind: 'answered', payload: result.payload };
    return { kind: 'failed', payload: result.payload, executedVersion: result.executedVersion };
  } catch (error) {
    if (error instanceof AwsError) return { kind: 'refused' };
    throw error;
  }
};

export const deliveryFault = (
  { context, store }: LambdaState,
  mapping: EventSourceMapping,
): DeliveryFault | undefined =>
  context.faults.delivery({
    service: 'lambda',
    source: mapping.eventSourceArn,
    targetArn: store.functionArn(mapping.function.name, mapping.function.qualifier),
  });

/** Runs the function on one batch; a fault may refuse it, or have it run twice. */
export const invokeBatch = async (
  state: LambdaState,
  mapping: EventSourceMapping,
  records: readonly unknown[],
  fault: DeliveryFault | undefined,
): Promise<BatchOutcome> => {
  if (fault?.kind === 'reject') return { kind: 'refused' };
  if (fault?.kind === 'duplicate') await runOnce(state, mapping, records);
  return runOnce(state, mapping, records);
};
