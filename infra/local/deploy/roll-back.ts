import { contextOf, type DeployerOptions, destroy, messageOf, providerOf, retain, tellOf } from './deployment.ts';
import type { JournalEntry, StandingResource } from './stack-state.ts';

/**
 * Taking a deployment back: its journal from the end. Every step may be taken again, so that a rollback which was
 * killed goes on where it was.
 */

/** Killed between the provider's work and its record: asked again, the provider says what it made. */
const destroyUnrecorded = async (
  options: DeployerOptions,
  stackName: string,
  { logicalId, intended, failed }: JournalEntry,
): Promise<void> => {
  if (failed === true) return;
  const provider = providerOf(options, `${stackName}/${logicalId}`, intended.type);
  const context = contextOf(stackName, logicalId, intended);
  const { physicalId } = await provider.create(context);
  await provider.delete({ ...context, physicalId });
};

/** A new resource disappears, unless its policy keeps it even then (`Retain`; `RetainExceptOnCreate` does not). */
const takeBackNew = async (
  options: DeployerOptions,
  stackName: string,
  entry: JournalEntry,
  standing: StandingResource | undefined,
): Promise<void> => {
  const { logicalId, intended } = entry;
  if (standing === undefined) return destroyUnrecorded(options, stackName, entry);
  if (intended.deletionPolicy === 'Retain') retain(options, stackName, logicalId, standing);
  else await destroy(options, stackName, logicalId, standing);
  options.state.removeResource(stackName, logicalId);
};

/** The old resource was not touched: the new one disappears, and it is the stack's again. */
const takeBackReplacement = async (
  options: DeployerOptions,
  stackName: string,
  entry: JournalEntry & { readonly before: StandingResource },
  standing: StandingResource | undefined,
): Promise<void> => {
  const { logicalId, before, intended } = entry;
  if (standing !== undefined && standing.physicalId !== before.physicalId) {
    await destroy(options, stackName, logicalId, standing);
  } else if (intended.generation !== before.generation) await destroyUnrecorded(options, stackName, entry);
  options.state.putResource(stackName, logicalId, before);
};

const takeBackUpdate = async (
  options: DeployerOptions,
  stackName: string,
  { logicalId, before, intended }: JournalEntry & { readonly before: StandingResource },
  standing: StandingResource | undefined,
): Promise<void> => {
  const restored = await providerOf(options, `${stackName}/${logicalId}`, before.type).update({
    ...contextOf(stackName, logicalId, before),
    physicalId: standing?.physicalId ?? before.physicalId,
    previousProperties: intended.properties,
  });
  options.state.putResource(stackName, logicalId, { ...before, ...restored });
};

const takeBack = async (options: DeployerOptions, stackName: string, entry: JournalEntry): Promise<void> => {
  const standing = options.state.resources(stackName).get(entry.logicalId);
  const { before } = entry;
  if (before === undefined) await takeBackNew(options, stackName, entry, standing);
  else if (entry.replaces) await takeBackReplacement(options, stackName, { ...entry, before }, standing);
  else await takeBackUpdate(options, stackName, { ...entry, before }, standing);
};

export interface RollBackResult {
  /** In the order in which they were taken back. */
  readonly undone: readonly string[];
  /** What could not be taken back, and why. */
  readonly stuck: readonly { readonly logicalId: string; readonly reason: string }[];
}

/** Returns every resource of the journal to how it stood before, latest first. */
export const rollBack = async (options: DeployerOptions, stackName: string): Promise<RollBackResult> => {
  const undone: string[] = [];
  const stuck: { logicalId: string; reason: string }[] = [];
  for (const entry of options.state.journal(stackName).toReversed()) {
    const { logicalId, before, intended } = entry;
    const verb = before === undefined ? 'DELETE' : 'UPDATE';
    const tell = (status: string, reason?: string): number =>
      tellOf(options, stackName, {
        logicalId,
        type: intended.type,
        status,
        physicalId: before?.physicalId ?? '',
        ...(reason === undefined ? {} : { reason }),
      });
    try {
      await takeBack(options, stackName, entry);
      if (entry.failed !== true) undone.push(logicalId);
      const kept = before === undefined && intended.deletionPolicy === 'Retain';
      tell(kept ? 'DELETE_SKIPPED' : `${verb}_COMPLETE`);
    } catch (error) {
      const reason = messageOf(error);
      stuck.push({ logicalId, reason });
      tell(`${verb}_FAILED`, reason);
      options.log({ level: 'error', message: `${stackName}/${logicalId} was not rolled back`, reason });
    }
  }
  return { undone, stuck };
};
