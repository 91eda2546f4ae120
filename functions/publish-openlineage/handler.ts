import { toJsonFile } from '../../shared/contracts/json-file.ts';
import { ExecutionChangeSchema, type RunEvent, runEventKey } from '../../shared/contracts/openlineage.ts';
import { parse } from '../../shared/contracts/parse.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { EventPublisher } from '../../shared/ports/event-publisher.ts';
import type { LineageStore } from '../../shared/ports/lineage-store.ts';
import { executionDatasets, type Namespaces } from './execution-datasets.ts';
import { executionNode } from './execution-node.ts';
import { eventTypeOf, runEventOf } from './run-event.ts';

interface Deps {
  readonly stage: string;
  readonly dataBucket: string;
  readonly lineage: Pick<LineageStore, 'upstream' | 'downstream'>;
  readonly data: Pick<ArtifactStore, 'putIfAbsent'>;
  readonly events: EventPublisher;
  /** Absent where the stage names no receiver. */
  readonly post: ((event: RunEvent) => Promise<void>) | undefined;
}

const NOTHING: { inputs: []; outputs: [] } = { inputs: [], outputs: [] };

/**
 * Tells in OpenLineage's words that an execution started or ended, and then also what it read and made. The event is kept
 * as an object first, so that it is not lost when nobody takes it. Delivered twice, it tells the same again: receivers
 * know it by its run and type.
 */
export const createHandler =
  ({ stage, dataBucket, lineage, data, events, post }: Deps) =>
  async (event: unknown): Promise<void> => {
    const { detail: change } = parse(ExecutionChangeSchema, event);
    const eventType = eventTypeOf(change);
    if (eventType === undefined) return;
    const names: Namespaces = { data: `s3://${dataBucket}`, stage: `millrace-${stage}` };
    const node = eventType === 'START' ? undefined : executionNode(stage, change);
    const datasets = node === undefined ? NOTHING : await executionDatasets(lineage, names, node);
    const told = runEventOf(change, eventType, { stage, ...datasets });
    await data.putIfAbsent(runEventKey(told, change.redriveCount), toJsonFile(told), 'application/json');
    await post?.(told);
    await events.publish('OpenLineage Event', { ...told });
  };
