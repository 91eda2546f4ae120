/** Publishes on the platform's bus; the detail's schema is checked before it leaves. */
export interface EventPublisher {
  publish(type: string, detail: Readonly<Record<string, unknown>>): Promise<void>;
}
