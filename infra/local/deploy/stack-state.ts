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
  /** How many physical resources this logical one had before: part of a generated name. @default 0 */
  readonly generation?: number;
}

export interface StackOutputs {
  readonly outputs: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string>>;
  /** Names of the exports of other stacks that this one was resolved with. */
  readonly imports?: readonly string[];
}

/** As CloudFormation spells them. */
export type StackStatus =
  | `CREATE_${'IN_PROGRESS' | 'COMPLETE'}`
  | `ROLLBACK_${'IN_PROGRESS' | 'COMPLETE' | 'FAILED'}`
  | `UPDATE_${'IN_PROGRESS' | 'COMPLETE_CLEANUP_IN_PROGRESS' | 'COMPLETE'}`
  | `UPDATE_ROLLBACK_${'IN_PROGRESS' | 'COMPLETE_CLEANUP_IN_PROGRESS' | 'COMPLETE' | 'FAILED'}`
  | `DELETE_${'IN_PROGRESS' | 'COMPLETE' | 'FAILED'}`
  | `IMPORT_${'IN_PROGRESS' | 'COMPLETE'}`;

export interface StackRecord {
  readonly stackName: string;
  readonly stackId: string;
  readonly status: StackStatus;
  readonly statusReason?: string;
  readonly createdAtMs: number;
  readonly updatedAtMs?: number;
  readonly deletedAtMs?: number;
  readonly terminationProtection: boolean;
  readonly description?: string;
  /** The template as it was synthesised: JSON text. */
  readonly templateBody: string;
}

/** A change that was begun: written before its provider is asked, so that a killed deployment can go on or go back. */
export interface JournalEntry {
  readonly sequence: number;
  readonly logicalId: string;
  /** How the resource stood before; absent for one that is new. */
  readonly before?: StandingResource;
  /** What it was to become; its physical id and attributes are not known yet. */
  readonly intended: Pick<StandingResource, 'type' | 'properties' | 'generation' | 'deletionPolicy'>;
  /** A new physical resource in place of the old one, which is deleted once everything stands. */
  readonly replaces: boolean;
  /** The provider refused it. */
  readonly failed?: boolean;
}

/** A physical resource that its stack left behind, by its policy. */
export interface RetainedResource extends StandingResource {
  readonly stackName: string;
  readonly logicalId: string;
  readonly retainedAtMs: number;
}

export interface StackEvent {
  readonly eventId: string;
  readonly atMs: number;
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
}

/** What is deployed, over restarts. */
export interface StackState {
  /** All that is written inside is written together or not at all. */
  transaction<T>(work: () => T): T;
  resources(stackName: string): ReadonlyMap<string, StandingResource>;
  resource(stackName: string, logicalId: string): StandingResource | undefined;
  allResources(): readonly {
    readonly stackName: string;
    readonly logicalId: string;
    readonly resource: StandingResource;
  }[];
  putResource(stackName: string, logicalId: string, resource: StandingResource): void;
  removeResource(stackName: string, logicalId: string): void;

  outputsOf(stackName: string): StackOutputs;
  putOutputs(stackName: string, outputs: StackOutputs): void;
  removeOutputs(stackName: string): void;
  outputs(): Readonly<Record<string, Readonly<Record<string, string>>>>;
  exportValue(name: string): string | undefined;
  /** Every export with the stack that it comes from. */
  exports(): readonly { readonly name: string; readonly value: string; readonly stackName: string }[];
  /** Stacks that were resolved with an export. */
  importersOf(exportName: string): readonly string[];

  stack(stackName: string): StackRecord | undefined;
  /** In the order of their names. */
  stacks(): readonly StackRecord[];
  putStack(record: StackRecord): void;

  /** In the order of the changes. */
  journal(stackName: string): readonly JournalEntry[];
  journalEntry(stackName: string, logicalId: string): JournalEntry | undefined;
  putJournal(stackName: string, entry: JournalEntry): void;
  clearJournal(stackName: string): void;

  retained(): readonly RetainedResource[];
  putRetained(resource: RetainedResource): void;
  removeRetained(resource: RetainedResource): void;

  /** A number that no physical resource of this logical one had yet. */
  nextGeneration(stackName: string, logicalId: string): number;

  /** Oldest first. */
  events(stackName: string): readonly StackEvent[];
  /** @returns the number of the event: they grow within a stack. */
  addEvent(stackName: string, event: Omit<StackEvent, 'eventId'>): number;
}

const MOST_EVENTS = 1_000;
const DIGITS = 8;
const padded = (sequence: number): string => String(sequence).padStart(DIGITS, '0');
/** Between a stack's name, which has no slash, and what belongs to it. */
const keyOf = (stackName: string, ...rest: readonly string[]): string => [stackName, ...rest].join('/');

const withoutPrefix = <T>(
  entries: readonly (readonly [string, T])[],
  prefix: string,
): readonly (readonly [string, T])[] => entries.map(([key, value]) => [key.slice(prefix.length), value]);

type Outputs = Pick<
  StackState,
  'outputsOf' | 'putOutputs' | 'removeOutputs' | 'outputs' | 'exportValue' | 'exports' | 'importersOf'
>;

const outputsState = (store: StateStore): Outputs => {
  const outputs = store.table<StackOutputs>('cloudformation-outputs');
  return {
    outputsOf: (stackName) => outputs.get(stackName) ?? { outputs: {}, exports: {} },
    putOutputs: (stackName, value) => outputs.put(stackName, value),
    removeOutputs: (stackName) => outputs.delete(stackName),
    outputs: () => Object.fromEntries(outputs.entries().map(([stackName, value]) => [stackName, value.outputs])),
    exportValue: (name) => {
      for (const [, { exports }] of outputs.entries()) {
        if (Object.hasOwn(exports, name)) return exports[name];
      }
      return undefined;
    },
    exports: () =>
      outputs
        .entries()
        .flatMap(([stackName, { exports }]) =>
          Object.entries(exports).map(([name, value]) => ({ name, value, stackName })),
        ),
    importersOf: (name) =>
      outputs.entries().flatMap(([stackName, { imports = [] }]) => (imports.includes(name) ? [stackName] : [])),
  };
};

type Events = Pick<StackState, 'events' | 'addEvent'>;

const eventsState = (store: StateStore): Events => {
  const events = store.table<StackEvent & { readonly sequence: number }>('cloudformation-events');
  const last = new Map<string, number>();
  const list = (stackName: string) => events.entries(keyOf(stackName, '')).map(([, event]) => event);
  const lastOf = (stackName: string): number => last.get(stackName) ?? list(stackName).at(-1)?.sequence ?? 0;
  return {
    events: (stackName) => list(stackName).map(({ sequence: _, ...event }) => event),
    addEvent: (stackName, event) => {
      const sequence = lastOf(stackName) + 1;
      last.set(stackName, sequence);
      const isOfStack = event.type === 'AWS::CloudFormation::Stack';
      const eventId = `${isOfStack ? '' : `${event.logicalId}-${event.status}-`}${padded(sequence)}`;
      events.put(keyOf(stackName, padded(sequence)), { eventId, ...event, sequence });
      if (sequence > MOST_EVENTS) events.delete(keyOf(stackName, padded(sequence - MOST_EVENTS)));
      return sequence;
    },
  };
};

export const createStackState = (store: StateStore): StackState => {
  const resources = store.table<StandingResource>('cloudformation-resources');
  const stacks = store.table<StackRecord>('cloudformation-stacks');
  const journal = store.table<JournalEntry>('cloudformation-journal');
  const retained = store.table<RetainedResource>('cloudformation-retained');
  const generations = store.table<number>('cloudformation-generations');
  const journalOf = (stackName: string) => journal.entries(keyOf(stackName, ''));
  const retainedKey = ({ stackName, logicalId, physicalId }: RetainedResource) =>
    keyOf(stackName, logicalId, physicalId);
  return {
    transaction: (work) => store.transaction(work),
    ...outputsState(store),
    ...eventsState(store),
    resources: (stackName) => {
      const prefix = keyOf(stackName, '');
      return new Map(withoutPrefix(resources.entries(prefix), prefix));
    },
    resource: (stackName, logicalId) => resources.get(keyOf(stackName, logicalId)),
    allResources: () =>
      resources.entries().map(([key, resource]) => {
        const [stackName = '', logicalId = ''] = key.split('/');
        return { stackName, logicalId, resource };
      }),
    putResource: (stackName, logicalId, resource) => resources.put(keyOf(stackName, logicalId), resource),
    removeResource: (stackName, logicalId) => resources.delete(keyOf(stackName, logicalId)),
    stack: (stackName) => stacks.get(stackName),
    stacks: () => stacks.entries().map(([, record]) => record),
    putStack: (record) => stacks.put(record.stackName, record),
    journal: (stackName) =>
      journalOf(stackName)
        .map(([, entry]) => entry)
        .toSorted((a, b) => a.sequence - b.sequence),
    journalEntry: (stackName, logicalId) => journal.get(keyOf(stackName, logicalId)),
    putJournal: (stackName, entry) => journal.put(keyOf(stackName, entry.logicalId), entry),
    clearJournal: (stackName) => {
      for (const [key] of journalOf(stackName)) journal.delete(key);
    },
    retained: () => retained.entries().map(([, resource]) => resource),
    putRetained: (resource) => retained.put(retainedKey(resource), resource),
    removeRetained: (resource) => retained.delete(retainedKey(resource)),
    nextGeneration: (stackName, logicalId) => {
      const key = keyOf(stackName, logicalId);
      // A state from before generations were counted has resources of generation 0 and no count.
      const last = generations.get(key) ?? resources.get(key)?.generation ?? (resources.get(key) ? 0 : -1);
      generations.put(key, last + 1);
      return last + 1;
    },
  };
};
