import type { GuardedPost } from '../../shared/http/index.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { EventPublisher } from '../../shared/ports/event-publisher.ts';
import type { LoggedModelStore } from '../../shared/ports/logged-model-store.ts';
import type { ModelCatalog } from '../../shared/ports/model-catalog.ts';
import type { TraceStore } from '../../shared/ports/trace-store.ts';
import type { TrackingArtifacts } from '../../shared/ports/tracking-artifacts.ts';
import type { TrackingStore } from '../../shared/ports/tracking-store.ts';
import type { WebhookStore } from '../../shared/ports/webhook-store.ts';

/** What the routes work with, bound to one workspace. Each capability adds its port here. */
export interface WorkspacePorts {
  readonly tracking: TrackingStore;
  readonly artifacts: TrackingArtifacts;
  readonly loggedModels: LoggedModelStore;
  readonly traces: TraceStore;
  readonly catalog: ModelCatalog;
  readonly events: EventPublisher;
  readonly webhooks: WebhookStore;
  /** Reaches receivers of webhooks. */
  readonly receivers: GuardedPost;
}

export interface TrackingDeps {
  readonly portsOf: (workspace: string) => WorkspacePorts;
  readonly clock: Clock;
  /** 16 random bytes in lower-case hex. */
  readonly newId: () => string;
}
