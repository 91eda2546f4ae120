import type { ServiceContext, TimerHandle } from '../contracts.ts';
import { parseEventRuleSchedule } from '../scheduler/schedule-expression.ts';
import type { Rule } from './rules.ts';

export interface RuleSchedules {
  /** Sets, moves or cancels the timer of a rule, as the rule now stands; undefined when it was deleted. */
  readonly follow: (key: string, rule: Rule | undefined) => void;
}

/** @param fire sends the rule's event and answers the rule as stored after it */
export const createRuleSchedules = (
  { clock }: ServiceContext,
  fire: (rule: Rule, atMs: number) => Rule,
): RuleSchedules => {
  const timers = new Map<string, TimerHandle>();

  /** What was missed while the process was down fires once, for its last instant. */
  const lastDue = (nextAfter: (ms: number) => number | undefined, dueMs: number): number => {
    const now = clock.nowMs();
    let last = dueMs;
    for (let next = nextAfter(last); next !== undefined && next <= now; next = nextAfter(last)) last = next;
    return last;
  };

  const follow = (key: string, rule: Rule | undefined): void => {
    timers.get(key)?.cancel();
    timers.delete(key);
    if (rule?.scheduleExpression === undefined || rule.state === 'DISABLED') return;
    const schedule = parseEventRuleSchedule(rule.scheduleExpression, rule.createdAtMs);
    const nextMs = schedule.nextAfter(rule.lastFireAtMs ?? rule.createdAtMs);
    if (nextMs === undefined) return;
    const task = (): void => follow(key, fire(rule, lastDue(schedule.nextAfter, nextMs)));
    timers.set(key, clock.at(nextMs, `rule ${rule.name}`, task));
  };

  return { follow };
};
