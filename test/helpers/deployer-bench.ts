import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { ResourceProvider } from '../../infra/local/contracts.ts';
import type { DeployerOptions } from '../../infra/local/deploy/deployment.ts';
import { deployStack, type StackChanges } from '../../infra/local/deploy/stack-deployer.ts';
import { createStackState, type StackState } from '../../infra/local/deploy/stack-state.ts';
import { readTemplate } from '../../infra/local/deploy/template.ts';
import { openStateStore } from '../../infra/local/state-store.ts';

type Resources = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Stacks of plain things and queues (`T::Thing`, `AWS::SQS::Queue`), and what their providers were called for. */
export interface DeployerBench {
  readonly calls: string[];
  readonly state: StackState;
  options(): DeployerOptions;
  /** Resources are things unless they say their type. @param stackName default `S` */
  deploy(resources: Resources, sections?: Readonly<Record<string, unknown>>, stackName?: string): Promise<StackChanges>;
  /** What a process that dies leaves: nothing after the deadly call was done. */
  killedAt(call: string, work: () => Promise<unknown>): Promise<void>;
  /** @param stackName default `S` */
  status(stackName?: string): string | undefined;
  /** Of the stack `S`. */
  eventsSince(count: number): readonly string[];
  /** Before each test: no stacks, no calls. */
  reset(): void;
}

type Note = (call: string) => void;

class Killed extends Error {}

/** `Name` is the physical id, as a name that cannot change in place; `Fail: true` makes the provider refuse. */
const thingOf = (note: Note): ResourceProvider => ({
  create: async ({ logicalId, properties, generatedName }) => {
    note(`create ${logicalId}`);
    if (properties.Fail === true) throw new Error('it was refused');
    return { physicalId: String(properties.Name ?? generatedName), attributes: { Arn: `arn:${logicalId}` } };
  },
  update: async ({ logicalId, properties, physicalId }) => {
    note(`update ${logicalId} to ${JSON.stringify(properties)}`);
    if (properties.Fail === true) throw new Error('it was refused');
    return { physicalId: String(properties.Name ?? physicalId), attributes: { Arn: `arn:${logicalId}` } };
  },
  delete: async ({ physicalId, properties }) => {
    note(`delete ${physicalId}`);
    if (properties.Stuck === true) throw new Error('it is in use');
  },
});

/** A queue's name cannot change in place (`QueueName`); its physical id is the name, chosen or generated. */
const queueProviderOf = (note: Note): ResourceProvider => ({
  ...thingOf(note),
  create: async ({ logicalId, properties, generatedName }) => {
    note(`create ${logicalId}`);
    if (properties.Fail === true) throw new Error('it was refused');
    const physicalId = String(properties.QueueName ?? generatedName);
    return { physicalId, attributes: { Arn: `arn:${physicalId}` } };
  },
  update: async ({ logicalId, properties, physicalId }) => {
    note(`update ${logicalId} to ${JSON.stringify(properties)}`);
    if (properties.Fail === true) throw new Error('it was refused');
    return { physicalId, attributes: { Arn: `arn:${physicalId}` } };
  },
});

/** A state that writes nothing any more once a deadly call was made. */
const diesWith = (alive: StackState, isDead: () => boolean): StackState =>
  new Proxy(alive, {
    get: (target, key) => {
      const value = target[key as keyof StackState] as (...given: unknown[]) => unknown;
      return /^(put|remove|clear|add)/.test(String(key))
        ? (...given: unknown[]) => (isDead() ? 0 : value(...given))
        : value;
    },
  });

const emptyState = (): StackState =>
  createStackState(openStateStore({ folder: join(tmpdir(), 'deployer-test'), inMemory: true }));

export const createDeployerBench = (): DeployerBench => {
  const calls: string[] = [];
  /** Calls after which the process dies: before the deployer hears of what the provider did. */
  const deadly = new Set<string>();
  let state = emptyState();
  const note: Note = (call) => {
    calls.push(call);
    if (deadly.has(call)) throw new Killed(call);
  };
  const providers: Readonly<Record<string, ResourceProvider>> = {
    'T::Thing': thingOf(note),
    'AWS::SQS::Queue': queueProviderOf(note),
  };
  const options = (): DeployerOptions => ({
    identity: { region: 'us-east-1', accountId: '000000000000', partition: 'aws' },
    state,
    providerFor: (type) => providers[type],
    nowMs: () => 1_000,
    log: () => undefined,
  });
  return {
    calls,
    get state() {
      return state;
    },
    options,
    deploy: (resources, sections = {}, stackName = 'S') => {
      const Resources = Object.fromEntries(
        Object.entries(resources).map(([id, one]) => [id, { Type: 'T::Thing', ...one }]),
      );
      const body = { Resources, ...sections };
      const stack = { stackName, template: readTemplate(stackName, body), templateBody: JSON.stringify(body) };
      return deployStack(options(), stack);
    },
    killedAt: async (call, work) => {
      deadly.add(call);
      const before = state;
      state = diesWith(before, () => calls.some((one) => deadly.has(one)));
      await work().catch(() => undefined);
      expect(calls).toContain(call);
      state = before;
      deadly.clear();
      calls.length = 0;
    },
    status: (stackName = 'S') => state.stack(stackName)?.status,
    eventsSince: (count) =>
      state
        .events('S')
        .slice(count)
        .map(({ logicalId, status }) => `${logicalId} ${status}`),
    reset: () => {
      calls.length = 0;
      deadly.clear();
      state = emptyState();
    },
  };
};

/** `<Name>` in the text becomes the placeholder that `Fn::Sub` replaces. */
const variables = (text: string): string => text.replace(/<(.+?)>/g, '$' + '{$1}');
export const sub = (text: string) => ({ 'Fn::Sub': variables(text) });

export const queueOf = (properties: object, more: object = {}) => ({
  Type: 'AWS::SQS::Queue',
  Properties: properties,
  ...more,
});

export const named = (Name: string, more: object = {}) => ({ Properties: { Name, ...more } });
