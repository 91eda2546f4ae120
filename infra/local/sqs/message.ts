import type { MessageAttributes } from './message-attributes.ts';

/** A message as a queue keeps it. */
export interface Message {
  readonly id: string;
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly sentAtMs: number;
  readonly senderId: string;
  readonly visibleAtMs: number;
  readonly receiveCount: number;
  readonly firstReceivedAtMs?: number | undefined;
  readonly lastReceivedAtMs?: number | undefined;
  /** Of the last receive; a delete with an older one is without effect. */
  readonly receiptHandle?: string | undefined;
  /** The queue that gave it up to this dead-letter queue. */
  readonly deadLetterSourceArn?: string | undefined;
}

export interface NewMessage {
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly delaySeconds?: number | undefined;
  readonly senderId: string;
}

export interface MessageCounts {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}
