import type { NotificationRecord } from '../core/notifications/index.ts';

/** Episodes that people are told of, by model and subject. Reads see every write that was answered before. */
export interface NotificationStore {
  /**
   * Reads what stands of a subject, decides and writes conditionally until nobody came between. Of another episode than
   * the standing one, that is kept as one of the past.
   * @param decide what is to stand; undefined to leave it as it is. Asked again when another came first.
   * @returns what stands; undefined where nothing does.
   */
  change(
    place: { readonly model: string; readonly subject: string },
    decide: (standing: NotificationRecord | undefined) => NotificationRecord | undefined,
  ): Promise<NotificationRecord | undefined>;
  /** Current and past ones of the last months, at most 200, the latest first. */
  list(model: string): Promise<readonly NotificationRecord[]>;
}

/** Publishes on topics of SNS. */
export interface TopicPublisher {
  /** @throws UnavailableError */
  publish(message: {
    readonly topicArn: string;
    /** ASCII, at most 100 characters. */
    readonly subject: string;
    readonly text: string;
    /** By which subscriptions tell whether it is for them. */
    readonly recipients?: readonly string[];
  }): Promise<void>;
}
