import { AwsError, type ServiceContext } from '../contracts.ts';
import { type BusBook, createBusBook } from './bus-book.ts';
import { type EventTest, parseEventPattern } from './event-pattern.ts';
import { checkRule, MAX_TARGETS, type Rule, type RuleSettings, type RuleTarget, ruleArn, ruleKey } from './rules.ts';

interface RuleInput extends RuleSettings {
  readonly name: string;
  readonly description?: string | undefined;
  readonly roleArn?: string | undefined;
  readonly state?: Rule['state'] | undefined;
}

/** The durable rules. */
export interface RuleBook {
  readonly buses: BusBook;
  readonly rule: (busName: string, name: string) => Rule;
  readonly rules: (busName: string) => readonly Rule[];
  readonly putRule: (input: RuleInput) => Rule;
  readonly putTargets: (busName: string, name: string, targets: readonly RuleTarget[]) => Rule;
  readonly replaceTargets: (busName: string, name: string, targets: readonly RuleTarget[]) => Rule;
  readonly removeTargets: (busName: string, name: string, ids: readonly string[]) => void;
  readonly setState: (busName: string, name: string, state: Rule['state']) => void;
  readonly markFired: (rule: Rule, atMs: number) => Rule;
  readonly deleteRule: (busName: string, name: string, force: boolean) => void;
  /** Enabled rules of a bus whose pattern holds for the event. */
  readonly matching: (busName: string, event: unknown) => readonly Rule[];
  readonly scheduled: () => readonly Rule[];
}

const NAME = /^[.\-_A-Za-z0-9]{1,64}$/;

interface CompiledRule {
  readonly rule: Rule;
  readonly test: EventTest;
}

/** @param onChange told of every rule that is written or deleted, so that its schedule can follow */
export const createRuleBook = (
  context: ServiceContext,
  onChange: (key: string, rule: Rule | undefined) => void,
): RuleBook => {
  const { clock, store } = context;
  const buses = createBusBook(context, (name) => ruleTable.entries(`${name}|`).length > 0);
  const ruleTable = store.table<Rule>('events.rules');
  const compiled = new Map<string, readonly CompiledRule[]>();

  const rule = (busName: string, name: string): Rule => {
    const found = ruleTable.get(ruleKey(busName, name));
    if (found === undefined) {
      throw new AwsError('ResourceNotFoundException', `Rule ${name} does not exist on EventBus ${busName}.`);
    }
    return found;
  };

  const write = (changed: Rule): Rule => {
    const key = ruleKey(changed.busName, changed.name);
    ruleTable.put(key, changed);
    compiled.delete(changed.busName);
    onChange(key, changed);
    return changed;
  };

  const replaceTargets = (busName: string, name: string, targets: readonly RuleTarget[]): Rule => {
    if (targets.length > MAX_TARGETS) {
      throw new AwsError('LimitExceededException', `a rule has at most ${MAX_TARGETS} targets, got ${targets.length}`);
    }
    return write({ ...rule(busName, name), targets });
  };

  const rules = (busName: string): readonly Rule[] => ruleTable.entries(`${busName}|`).map(([, one]) => one);

  const compile = (busName: string): readonly CompiledRule[] => {
    const fresh = rules(busName).flatMap((one) =>
      one.eventPattern === undefined ? [] : [{ rule: one, test: parseEventPattern(one.eventPattern) }],
    );
    compiled.set(busName, fresh);
    return fresh;
  };

  return {
    buses,
    rule,
    rules,
    replaceTargets,
    putRule: (input) => {
      if (!NAME.test(input.name))
        throw new AwsError('ValidationException', `rule name must match ${NAME}, got ${input.name}`);
      checkRule(input);
      const { name } = buses.get(input.busName);
      const before = ruleTable.get(ruleKey(name, input.name));
      return write({
        ...input,
        arn: ruleArn(context, name, input.name),
        state: input.state ?? 'ENABLED',
        createdAtMs: before?.createdAtMs ?? clock.nowMs(),
        lastFireAtMs: before?.lastFireAtMs,
        targets: before?.targets ?? [],
      });
    },
    putTargets: (busName, name, targets) => {
      const kept = rule(busName, name).targets.filter((one) => !targets.some((other) => other.id === one.id));
      return replaceTargets(busName, name, [...kept, ...targets]);
    },
    removeTargets: (busName, name, ids) => {
      const before = rule(busName, name);
      write({ ...before, targets: before.targets.filter((target) => !ids.includes(target.id)) });
    },
    setState: (busName, name, state) => {
      write({ ...rule(busName, name), state });
    },
    markFired: (fired, atMs) => {
      const marked = { ...fired, lastFireAtMs: atMs };
      ruleTable.put(ruleKey(fired.busName, fired.name), marked);
      return marked;
    },
    deleteRule: (busName, name, force) => {
      const key = ruleKey(busName, name);
      const existing = ruleTable.get(key);
      if (existing === undefined) return;
      if (existing.targets.length > 0 && !force) {
        throw new AwsError('ValidationException', "Rule can't be deleted since it has targets.");
      }
      ruleTable.delete(key);
      compiled.delete(busName);
      onChange(key, undefined);
    },
    matching: (busName, event) =>
      (compiled.get(busName) ?? compile(busName))
        .filter((one) => one.rule.state === 'ENABLED' && one.test(event))
        .map((one) => one.rule),
    scheduled: () => ruleTable.entries().flatMap(([, one]) => (one.scheduleExpression === undefined ? [] : [one])),
  };
};
