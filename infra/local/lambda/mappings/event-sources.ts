import type { TableStream } from '../../dynamodb/streams/table-stream.ts';

/** What mappings learn from the services whose queues and streams they read; messages themselves come by the API. */
export interface EventSources {
  /** Tells whenever a message of the queue has become visible. The listener only takes note. @returns stops */
  readonly watchQueue: (queueArn: string, listener: () => void) => () => void;
  /** Of a queue that stands. */
  readonly queueVisibilitySeconds: (queueArn: string) => number | undefined;
  readonly openStream: (streamArn: string) => TableStream | undefined;
}
