import type { StateStore } from '../contracts.ts';

/** A resource as it stands, with what it was made from. */
export interface StandingResource {
  readonly type: string;
  readonly physicalId: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly deletionPolicy?: string;
  readonly updateReplacePolicy?: string;
  /** Position in the order of creation: deletion goes backwards. */
  readonly order: number;
}

export interface StackOutputs {
  readonly outputs: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string>>;
}

/** What is deployed, over restarts. */
export interface StackState {
  resources(stackName: string): ReadonlyMap<string, StandingResource>;
  putResource(stackName: string, logicalId: string, resource: StandingResource): void;
  removeResource(stackName: string, logicalId: string): void;
  putOutputs(stackName: string, outputs: StackOutputs): void;
  outputs(): Readonly<Record<string, Readonly<Record<string, string>>>>;
  exportValue(name: string): string | undefined;
}

export const createStackState = (store: StateStore): StackState => {
  const resources = store.table<StandingResource>('cloudformation-resources');
  const outputs = store.table<StackOutputs>('cloudformation-outputs');
  const key = (stackName: string, logicalId: string): string => `${stackName}/${logicalId}`;
  return {
    resources: (stackName) => {
      const prefix = key(stackName, '');
      return new Map(resources.entries(prefix).map(([name, resource]) => [name.slice(prefix.length), resource]));
    },
    putResource: (stackName, logicalId, resource) => resources.put(key(stackName, logicalId), resource),
    removeResource: (stackName, logicalId) => resources.delete(key(stackName, logicalId)),
    putOutputs: (stackName, value) => outputs.put(stackName, value),
    outputs: () => Object.fromEntries(outputs.entries().map(([stackName, value]) => [stackName, value.outputs])),
    exportValue: (name) => {
      for (const [, { exports }] of outputs.entries()) {
        if (Object.hasOwn(exports, name)) return exports[name];
      }
      return undefined;
    },
  };
};
