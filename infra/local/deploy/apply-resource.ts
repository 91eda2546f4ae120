import { isDeepStrictEqual } from 'node:util';
import { AwsError, type ProvisionedResource, type ResourceContext } from '../contracts.ts';
import { contextOf, type DeployerOptions, messageOf, providerOf, tellOf } from './deployment.ts';
import type { NameBook } from './name-book.ts';
import { chosenName, replacingProperty } from './physical-names.ts';
import type { JournalEntry, StandingResource } from './stack-state.ts';
import type { TemplateResource } from './template.ts';

/** One resource of a template on its way to standing. */
export interface ResourceStep {
  readonly stackName: string;
  readonly logicalId: string;
  readonly resource: TemplateResource;
  /** With every intrinsic function worked out. */
  readonly properties: ResourceContext['properties'];
  readonly order: number;
  readonly names: NameBook;
}

export interface Applied {
  readonly outcome: 'created' | 'updated' | 'unchanged';
  /** As it stands now. */
  readonly resource: StandingResource;
}

type Intended = Omit<StandingResource, 'physicalId' | 'attributes'>;

const intendedOf = ({ resource, properties, order }: ResourceStep, generation: number | undefined): Intended => ({
  type: resource.Type,
  properties,
  order,
  ...(resource.DeletionPolicy === undefined ? {} : { deletionPolicy: resource.DeletionPolicy }),
  ...(resource.UpdateReplacePolicy === undefined ? {} : { updateReplacePolicy: resource.UpdateReplacePolicy }),
  ...(generation === undefined || generation === 0 ? {} : { generation }),
});

/** The key orders of properties read from a state and from a template differ, and say nothing. */
const same = (a: unknown, b: unknown): boolean => isDeepStrictEqual(JSON.parse(JSON.stringify(a)), b);

const refuseNamedReplacement = (wanted: Intended, before: StandingResource): void => {
  const name = chosenName(wanted.type, wanted.properties);
  if (name === undefined || name !== chosenName(before.type, before.properties)) return;
  throw new AwsError(
    'ValidationError',
    `CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename ${name.split('|')[0]} and update the stack again.`,
  );
};

type Before = StandingResource | undefined;

interface Change {
  readonly intended: Intended;
  readonly replaces: boolean;
  readonly before: Before;
}

const plan = ({ state }: DeployerOptions, step: ResourceStep, before: Before): Change => {
  const { stackName, logicalId, resource, properties } = step;
  const begun = state.journalEntry(stackName, logicalId);
  if (before === undefined) {
    // A deployment that was killed goes on with the name that it had chosen.
    const generation = begun === undefined ? state.nextGeneration(stackName, logicalId) : begun.intended.generation;
    const intended = intendedOf(step, generation);
    step.names.take(step, intended);
    return { intended, replaces: false, before };
  }
  const replaces = replacingProperty(resource.Type, before.properties, properties) !== undefined;
  if (!replaces) return { intended: intendedOf(step, before.generation), replaces, before };
  refuseNamedReplacement(intendedOf(step, before.generation), before);
  const goesOn = begun?.replaces === true && same(begun.intended.properties, properties);
  const generation = goesOn ? begun.intended.generation : state.nextGeneration(stackName, logicalId);
  const intended = intendedOf(step, generation);
  step.names.take(step, intended);
  return { intended, replaces, before };
};

const ask = async (
  options: DeployerOptions,
  { stackName, logicalId }: ResourceStep,
  { intended, replaces, before }: Change,
): Promise<ProvisionedResource> => {
  const provider = providerOf(options, `${stackName}/${logicalId}`, intended.type);
  const context = contextOf(stackName, logicalId, intended);
  if (before === undefined || replaces) return provider.create(context);
  return provider.update({ ...context, physicalId: before.physicalId, previousProperties: before.properties });
};

const requireSameType = ({ logicalId, resource }: ResourceStep, before: Before): void => {
  if (before === undefined || before.type === resource.Type) return;
  throw new AwsError(
    'ValidationError',
    `Update of resource type is not permitted. The new template modifies resource type of the following resources: [${logicalId}]`,
  );
};

/** What the journal says of a resource that this deployment changed before keeps its first `before`. */
const journalEntry = (
  begun: JournalEntry | undefined,
  { logicalId }: ResourceStep,
  { intended, replaces, before, sequence }: Change & { readonly sequence: number },
): JournalEntry => {
  const first = begun === undefined ? before : begun.before;
  return {
    sequence: begun?.sequence ?? sequence,
    logicalId,
    intended,
    replaces: replaces || (begun?.replaces ?? false),
    ...(first === undefined ? {} : { before: first }),
  };
};

/**
 * Creates, updates or replaces one resource, or leaves it as it is. Its journal entry is written first.
 * @throws what the provider throws; AwsError for a change that CloudFormation does not make.
 */
export const applyResource = async (options: DeployerOptions, step: ResourceStep, before: Before): Promise<Applied> => {
  const { stackName, logicalId, resource } = step;
  const { state } = options;
  requireSameType(step, before);
  if (before !== undefined && same(before.properties, step.properties)) {
    const { physicalId, attributes } = before;
    const next: StandingResource = { ...intendedOf(step, before.generation), physicalId, attributes };
    if (!same(next, before)) state.putResource(stackName, logicalId, next);
    return { outcome: 'unchanged', resource: next };
  }
  const verb = before === undefined ? 'CREATE' : 'UPDATE';
  const tell = (status: string, physicalId: string, reason?: string): number =>
    tellOf(options, stackName, {
      logicalId,
      type: resource.Type,
      physicalId,
      status: `${verb}_${status}`,
      ...(reason === undefined ? {} : { reason }),
    });
  let entry: JournalEntry | undefined;
  try {
    const begun = state.transaction(() => {
      const sequence = tell('IN_PROGRESS', before?.physicalId ?? '');
      const change = plan(options, step, before);
      const written = journalEntry(state.journalEntry(stackName, logicalId), step, { ...change, sequence });
      state.putJournal(stackName, written);
      return { change, written };
    });
    const { change, written } = begun;
    entry = written;
    const provisioned = await ask(options, step, change);
    const renamed = before !== undefined && provisioned.physicalId !== before.physicalId;
    const next: StandingResource = { ...change.intended, ...provisioned };
    state.transaction(() => {
      if (renamed && !written.replaces) state.putJournal(stackName, { ...written, replaces: true });
      state.putResource(stackName, logicalId, next);
      tell('COMPLETE', provisioned.physicalId);
    });
    return { outcome: before === undefined ? 'created' : 'updated', resource: next };
  } catch (error) {
    if (entry !== undefined) state.putJournal(stackName, { ...entry, failed: true });
    tell('FAILED', before?.physicalId ?? '', messageOf(error));
    throw error;
  }
};
