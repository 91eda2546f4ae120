import { createHash } from 'node:crypto';
import { trainingPipelineName } from '../../shared/contracts/names.ts';
import { coolDownReason, planTraining, type TrainingRequest } from '../../shared/core/registry/index.ts';
import { assert } from '../../shared/kernel/assert.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../shared/kernel/time.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { EventPublisher } from '../../shared/ports/event-publisher.ts';
import type { ExecutionStarter } from '../../shared/ports/execution-starter.ts';
import type { RetrainingLedger } from '../../shared/ports/model-registry.ts';
import type { OneTimeScheduler } from '../../shared/ports/one-time-schedule.ts';
import { causeOf, recheckOf } from './decode-request.ts';
import { type BudgetDeps, refuseByBudget } from './refuse-by-budget.ts';

export interface StartDeps extends BudgetDeps {
  readonly stage: string;
  readonly ledger: RetrainingLedger;
  readonly executions: ExecutionStarter;
  readonly scheduler: OneTimeScheduler;
  readonly events: EventPublisher;
  readonly clock: Clock;
}

export type StartOutcome =
  | { readonly model: string; readonly outcome: 'started' | 'duplicate'; readonly runId: string }
  | { readonly model: string; readonly outcome: 'refused'; readonly reason: string };

/** Names have room for 80 characters; 96 bits of digest tell any two requests apart. */
const requestKeyOf = (kind: string, identity: readonly string[]): string =>
  `${kind}-${createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 24)}`;

const pipelineArn = (functionArn: string, stage: string, model: string): string => {
  const [, partition, , region, account] = functionArn.split(':');
  assert(partition && region && account, `${functionArn} is a function's ARN`);
  return `arn:${partition}:states:${region}:${account}:stateMachine:${trainingPipelineName(stage, model)}`;
};

/**
 * A drift check that runs at the hour of the one that started a training would turn the alarm in the very second in
 * which a cool-down of whole days ends: the look comes when that day's check has spoken, not by chance before it.
 */
const AFTER_THE_CHECK_MS = HOUR_MS;

/** Sets the one look at the end of a cool-down, for all that waits for it: its name holds nothing of the request. */
const lookAgain = async (
  { scheduler, clock }: StartDeps,
  request: TrainingRequest,
  { functionArn, coolDownEndsAtMs }: { readonly functionArn: string; readonly coolDownEndsAtMs: number },
): Promise<void> => {
  const input = recheckOf(request, coolDownEndsAtMs);
  if (input === undefined) return;
  const name = `${request.model}-${request.kind}-${Math.ceil(coolDownEndsAtMs / SECOND_MS)}`;
  const waitMs = request.kind === 'alarm' ? AFTER_THE_CHECK_MS : 0;
  // Scheduler refuses the past, and a repeat may come after the end.
  const atMs = Math.max(coolDownEndsAtMs + waitMs, clock.nowMs() + MINUTE_MS);
  await scheduler.set({ name, atMs, functionArn, input });
};

const waitsSilently = ({ kind }: TrainingRequest): boolean => kind === 'new-data' || kind === 'staleness';

/**
 * Carries out one request: claims it, then starts the execution named after it. A look again at the end of the
 * cool-down is set for what came inside one, and for an alarm that started training: if it never stops, no change of
 * its state will tell of it any more.
 */
export const startTraining = async (
  deps: StartDeps,
  request: TrainingRequest,
  functionArn: string,
): Promise<StartOutcome> => {
  const { stage, definitions, ledger, executions, events, clock } = deps;
  const { model } = request;
  const cause = causeOf(request);
  const refuse = async (reason: string): Promise<StartOutcome> => {
    await events.publish('Training Refused', { model, cause, reason });
    return { model, outcome: 'refused', reason };
  };

  const plan = planTraining(request, definitions.get(model));
  if (plan.decision === 'refuse') return refuse(plan.reason);
  const requestKey = requestKeyOf(request.kind, plan.identity);
  const requestedAtMs = clock.nowMs();
  const spent = plan.obeysBudget ? await refuseByBudget(deps, { model, requestKey, requestedAtMs }) : undefined;
  if (spent !== undefined) {
    await lookAgain(deps, request, { functionArn, coolDownEndsAtMs: spent.monthEndsAtMs });
    return waitsSilently(request) ? { model, outcome: 'refused', reason: spent.reason } : refuse(spent.reason);
  }
  const claim = await ledger.claim({ model, requestKey, requestedAtMs, coolDownMs: plan.coolDownMs });
  if (claim.outcome === 'cooling-down') {
    await lookAgain(deps, request, { functionArn, coolDownEndsAtMs: claim.coolDownEndsAtMs });
    const reason = coolDownReason(claim.coolDownEndsAtMs);
    // Every object of a load, and every day of a model that is not stale, would be a refusal: no news to anybody.
    return waitsSilently(request) ? { model, outcome: 'refused', reason } : refuse(reason);
  }
  // A duplicate starts again too: the first delivery may have died between its claim and its start.
  const stateMachineArn = pipelineArn(functionArn, stage, model);
  const { executionName } = claim;
  const started = await executions.start({ stateMachineArn, name: executionName, input: { model, cause } });
  if (request.kind === 'alarm' && plan.coolDownMs > 0) {
    await lookAgain(deps, request, { functionArn, coolDownEndsAtMs: claim.requestedAtMs + plan.coolDownMs });
  }
  const isFirst = claim.outcome === 'started' && started === 'started';
  return { model, outcome: isFirst ? 'started' : 'duplicate', runId: executionName };
};
