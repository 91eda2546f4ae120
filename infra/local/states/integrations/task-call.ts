import type { JsonValue } from '../../../../shared/kernel/json.ts';
import type { TaskResource } from '../definition/resource.ts';
import type { PendingTask } from '../records.ts';
import type { Visit } from '../run/frame.ts';
import type { Strand } from '../run/strand.ts';

/** One attempt of a Task. */
export interface TaskCall {
  readonly visit: Visit;
  readonly strand: Strand;
  readonly resource: Extract<TaskResource, { readonly kind: 'integration' }>;
  readonly arguments: JsonValue;
  readonly token?: string | undefined;
  readonly heartbeatSeconds?: number | undefined;
  /** Set when the attempt goes on waiting after a restart: what was submitted is not submitted again. */
  readonly pending?: PendingTask | undefined;
  /** The request is accepted; from now on the task waits for the outside. */
  readonly submitted: (output: JsonValue, pending: PendingTask) => void;
  /** Makes what the task waits for durable. */
  readonly remember: (pending: PendingTask) => void;
}
